using System.CommandLine;
using System.CommandLine.Parsing;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary>How a command is told where a worker's HTTP API is.</summary>
internal sealed class ApiOptionGroup
{
    private const string Must = "must begin with http:// or https://.";
    private const string Variable = "PUSHFANOUT_URL";

    private readonly Option<Uri> _url = new("--url")
    {
        Description = $"Where a worker's HTTP API is, for example http://127.0.0.1:8080. Default: the variable {Variable}.",
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Parse(result.Tokens[0].Value) is { } url)
            {
                return url;
            }
            result.AddError($"--url {Must}"); // not the value: it may hold a password
            return null;
        },
    };

    private readonly Option<string?> _keyFile = new("--api-key-file") { Description = "A file that holds the API key and nothing else.", HelpName = "FILE" };

    private static bool IsInEnvironment => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <param name="required">Whether the command can do nothing without the API.</param>
    public void AddTo(Command command, bool required = true)
    {
        _url.Required = required && !IsInEnvironment;
        command.Add(_url);
        command.Add(_keyFile);
    }

    /// <summary>Whether the command line itself names the API.</summary>
    public bool IsNamed(CommandResult result) => result.GetResult(_url) is not null;

    /// <summary>For validators, which may not ask for a value that could not be read.</summary>
    public bool IsGiven(CommandResult result) => IsNamed(result) || IsInEnvironment;

    /// <exception cref="IOException">The key file cannot be used.</exception>
    public WorkerApi Open(ParseResult parsed) =>
        new(Find(parsed)!, parsed.GetValue(_keyFile) is { } file ? SecretText.Read(file) : null);

    /// <exception cref="UsageException">The variable is no address.</exception>
    private Uri? Find(ParseResult parsed) => parsed.GetValue(_url)
        ?? (IsInEnvironment ? Parse(Environment.GetEnvironmentVariable(Variable)!) ?? throw new UsageException($"The variable {Variable} {Must}") : null);

    private static Uri? Parse(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;
}
