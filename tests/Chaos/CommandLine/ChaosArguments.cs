using System.Globalization;

namespace PushFanout.Chaos.CommandLine;

/// <summary>What <c>./build.sh chaos</c> was asked for.</summary>
/// <param name="Seed">Decides devices, kills and their order; the same seed repeats them.</param>
/// <param name="Kills">How often a worker is killed; not with a fault.</param>
/// <param name="Tokens">How many devices.</param>
/// <param name="Fault">A row of the table, <c>all</c> or <c>list</c>; null for a run of kills.</param>
/// <param name="Json">Where the figures go.</param>
internal sealed record ChaosArguments(int Seed, int Kills, int Tokens, string? Fault, string? Json)
{
    public const string Usage = """
        usage: ./build.sh chaos [--seed N] [--kills N] [--tokens N] [--json FILE]
               ./build.sh chaos --fault NAME|all|list [--seed N] [--tokens N] [--json FILE]

          --seed N     what breaks, when and where; the same number repeats a run (a new one each time)
          --kills N    how often a worker is killed in a run without --fault (14: each stage once)
          --tokens N   devices (100000; with --fault 20000)
          --fault NAME one fault of docs/reliability.md; all runs every one, list shows the names
          --json FILE  the figures as JSON

        Exit code 0 when every promise was kept, 1 when one was broken, 2 for wrong arguments.
        """;

    /// <returns>Null when something is not understood.</returns>
    public static ChaosArguments? Read(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (arguments[i] is not ("--seed" or "--kills" or "--tokens" or "--fault" or "--json") || i + 1 == arguments.Count || !values.TryAdd(arguments[i], arguments[i + 1]))
            {
                return null;
            }
        }
        var fault = values.GetValueOrDefault("--fault");
        var seed = Number("--seed", Random.Shared.Next(1, 1_000_000));
        var kills = Number("--kills", 14);
        var tokens = Number("--tokens", fault is null ? 100_000 : 20_000);
        return seed is null || kills is null || tokens is not >= 2_000 || (fault is not null && values.ContainsKey("--kills"))
            ? null
            : new ChaosArguments(seed.Value, kills.Value, tokens.Value, fault, values.GetValueOrDefault("--json"));

        int? Number(string name, int otherwise) =>
            !values.TryGetValue(name, out var text) ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : null;
    }
}
