using System.Globalization;

namespace PushFanout.Bench.Engine;

/// <summary>What <c>bench engine</c> is asked to do.</summary>
internal sealed record EngineOptions
{
    public const string Usage =
        "bench engine [--rounds N] [--pushes N] [--sinks NAME,…] [--clients NAME,…] [--json FILE]   default 3 rounds of 500000 pushes, everything";

    public int Rounds { get; private init; } = 3;

    /// <summary>Per client and round; see <see cref="EngineClient.Share"/>.</summary>
    public int Pushes { get; private init; } = 500_000;

    public IReadOnlyList<string> Sinks { get; private init; } = [.. EngineServer.All.Keys];

    public IReadOnlyList<string> Clients { get; private init; } = [.. EngineClient.All.Select(client => client.Name)];

    public string? JsonFile { get; private init; }

    /// <returns>Null for a command line that is none.</returns>
    public static EngineOptions? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new EngineOptions();
        for (; !arguments.IsEmpty; arguments = arguments[2..])
        {
            switch (arguments)
            {
                case ["--rounds", var text, ..] when Number(text) is { } rounds:
                    options = options with { Rounds = rounds };
                    break;
                case ["--pushes", var text, ..] when Number(text) is { } pushes:
                    options = options with { Pushes = pushes };
                    break;
                case ["--sinks", var names, ..] when Names(names, options.Sinks) is { } sinks:
                    options = options with { Sinks = sinks };
                    break;
                case ["--clients", var names, ..] when Names(names, options.Clients) is { } clients:
                    options = options with { Clients = clients };
                    break;
                case ["--json", var file, ..]:
                    options = options with { JsonFile = file };
                    break;
                default:
                    return null;
            }
        }
        return options;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 100_000_000 ? number : null;

    private static string[]? Names(string text, IReadOnlyList<string> known) =>
        text.Split(',') is var names && names.All(known.Contains) ? names : null;
}
