namespace PushFanout.Cli;

/// <summary>What the page of commands says beside the commands.</summary>
internal static class ReferenceText
{
    public const string Head = """
        # The command line

        This page is made of the program itself: `pushfanout reference > docs/cli.md`. A test compares the two.

        From the repository, `./build.sh run COMMAND` (or `dotnet run -c Release --project src/Cli -- COMMAND`) runs it. To have it as a tool:

        ```
        ./build.sh pack
        dotnet tool install pushfanout --global --add-source artifacts/packages
        pushfanout --help
        ```

        Commands, options and their values are completed in bash, zsh and fish; see [completion](#pushfanout-completion).

        ## What all commands share

        - Tables and progress are for people; where nobody watches (a file, a pipe, `CI`), they become plain lines. `--json` prints one JSON value on
          standard output instead, with the names that messages and the HTTP API have; progress is left out then.
        - What is wrong goes to standard error, a line for each fault with the option, field or setting first. There is never a token, payload or password in it.
        - `-` as a file is standard input. Device tokens and passwords can be read by every user of a machine while they are on a command line: give tokens by
          `--token -` or `--token-file`, passwords and keys by a file. No address that is asked for has one in it.
        - Ctrl+C and SIGTERM end a command in order; a second Ctrl+C ends it at once.

        | Exit code | Means |
        |---|---|
        | 0 | done |
        | 1 | it could not be done, or not all of it; or something was found (`doctor`, `topology diff`); or it was stopped |
        | 2 | the command line, or the request that it makes, cannot be understood; nothing was done |
        | 78 | settings, topology or servers cannot work as they are; every fault is printed |

        | Variable | Stands for |
        |---|---|
        | `PUSHFANOUT_RABBITMQ` | `--rabbitmq` |
        | `PUSHFANOUT_REDIS` | `--redis` |
        | `PUSHFANOUT_URL` | `--url` |
        | `PushFanout__Name` | a worker's setting, for `worker`, `doctor` and `apps` |
        | `PUSHFANOUT_TRACE` | set to anything: after an error that should not happen, shows where in the program it did |
        | `NO_COLOR`, `CI` | no colours; plain lines |

        ## Commands

        """;

    public const string BeforeFindings = """

        ## What doctor finds

        The codes never change their meaning; new ones may come. With `--json` each finding has `code`, `severity`, `subject`, `text` and `fix`.

        | Code | Severity | Means | Fix |
        |---|---|---|---|

        """;
}
