using System.CommandLine;
using System.CommandLine.Parsing;
using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>Device tokens: from the command line, where every user of the machine may read them, or out of its sight from a file or standard input.</summary>
internal sealed class TokenOptionGroup
{
    public const string TokenName = "--token";

    private readonly Option<string[]> _tokens;
    private readonly Option<string?> _file;

    /// <param name="whose">Whose tokens they are, for example "The devices".</param>
    public TokenOptionGroup(string whose)
    {
        _tokens = new Option<string[]>(TokenName)
        {
            Description = $"{whose}, by token in hex; - reads them from standard input, one on each line, so that nobody sees them in the list of processes. May be repeated.",
            HelpName = "HEX|-",
        };
        _file = new Option<string?>("--token-file") { Description = $"{whose}, by token: a file with one in hex on each line.", HelpName = "FILE" };
    }

    public void AddTo(Command command)
    {
        command.Add(_tokens);
        command.Add(_file);
    }

    /// <summary>For validators.</summary>
    public bool IsGiven(CommandResult result) => result.GetResult(_tokens) is not null || result.GetResult(_file) is not null;

    /// <summary>Whether standard input is asked for.</summary>
    public bool ReadsInput(CommandResult result) =>
        result.GetResult(_tokens)?.Tokens.Any(token => token.Value == ProgramStreams.InputName) == true
        || result.GetResult(_file)?.Tokens.Any(token => token.Value == ProgramStreams.InputName) == true;

    /// <param name="most">How many may be given; one more is read, so that it can be said that there are too many.</param>
    /// <returns>The tokens as text; null when none are asked for.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<IReadOnlyList<string>?> ReadAsync(ParseResult parsed, int most, CancellationToken stop)
    {
        if (!IsGiven(parsed.CommandResult))
        {
            return null;
        }
        var given = parsed.GetValue(_tokens) ?? [];
        var tokens = given.Where(token => token != ProgramStreams.InputName).ToList();
        string?[] sources = [given.Contains(ProgramStreams.InputName) ? ProgramStreams.InputName : null, parsed.GetValue(_file)];
        foreach (var source in sources.OfType<string>().Distinct())
        {
            await using var stream = ProgramStreams.Open(parsed, source);
            await foreach (var (_, text) in new BoundedLines(stream).ReadAsync(stop))
            {
                if (tokens.Count > most)
                {
                    break;
                }
                if (text is null || text.Trim() is { Length: > 0 })
                {
                    tokens.Add(text?.Trim() ?? "");
                }
            }
        }
        return tokens;
    }

    /// <summary>The same as bytes.</summary>
    /// <exception cref="UsageException">One of them is no token, there are none or too many; the message never says what was given.</exception>
    public async Task<IReadOnlyList<byte[]>?> ReadBytesAsync(ParseResult parsed, int most, CancellationToken stop)
    {
        if (await ReadAsync(parsed, most, stop) is not { } texts)
        {
            return null;
        }
        if (texts.Count == 0 || texts.Count > most)
        {
            throw new UsageException(texts.Count == 0 ? $"{TokenName}: None was given." : $"{TokenName}: At most {Screen.Number(most)} can be given.");
        }
        var tokens = new List<byte[]>(texts.Count);
        foreach (var text in texts)
        {
            if (!DeviceTokenText.TryDecode(text, out var token))
            {
                throw new UsageException($"{TokenName}: Number {tokens.Count + 1} is no token: 1–{DeviceTokenText.MaxBytes} bytes in hex are needed. ({FaultCodes.InvalidToken})");
            }
            tokens.Add(token);
        }
        return tokens;
    }
}
