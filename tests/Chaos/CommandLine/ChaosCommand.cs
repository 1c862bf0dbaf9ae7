using System.Globalization;
using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Faults;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Kills;
using PushFanout.Chaos.Oracle;

namespace PushFanout.Chaos.CommandLine;

/// <summary>Runs what was asked for and says what held.</summary>
internal static class ChaosCommand
{
    public static Task<int> RunAsync(ChaosArguments arguments, TextWriter output) => arguments.Fault switch
    {
        null => KillAsync(arguments, output),
        "list" => ListAsync(output),
        "all" => BreakAllAsync(arguments, output),
        var name => BreakAsync(arguments, name, output),
    };

    private static async Task<int> KillAsync(ChaosArguments arguments, TextWriter output)
    {
        var report = await KillRun.RunAsync(PlanOf(arguments), KillSchedule.Of(arguments.Seed, arguments.Kills), output.WriteLine);
        return await EndAsync(arguments, report, $"--seed {arguments.Seed} --kills {arguments.Kills} --tokens {arguments.Tokens}", output);
    }

    private static async Task<int> BreakAsync(ChaosArguments arguments, string name, TextWriter output)
    {
        if (FaultRows.Find(name) is not { } row)
        {
            await output.WriteLineAsync($"There is no fault '{name}'; --fault list shows what there is.");
            return 2;
        }
        var report = await FaultRun.RunAsync(row, arguments.Seed, arguments.Tokens, output.WriteLine);
        return await EndAsync(arguments, report, $"--fault {name} --seed {arguments.Seed} --tokens {arguments.Tokens}", output);
    }

    private static async Task<int> BreakAllAsync(ChaosArguments arguments, TextWriter output)
    {
        var reports = new Dictionary<string, ChaosReport>();
        foreach (var row in FaultRows.All)
        {
            await output.WriteLineAsync($"--- {row.Name}");
            reports[row.Name] = await TryAsync(row, arguments, output);
            foreach (var broken in reports[row.Name].Broken)
            {
                await output.WriteLineAsync($"BROKEN: {broken}");
            }
            await output.WriteLineAsync(FaultTable.Line(row.Name, reports[row.Name]));
            if (arguments.Json is { } file)
            {
                await File.WriteAllTextAsync(file, ChaosReport.ToJson(reports)); // each time: an hour's figures must not hang on its last row
            }
        }
        await output.WriteLineAsync(FaultTable.Of(reports));
        return reports.Values.All(report => report.Passed) ? 0 : 1;
    }

    /// <summary>A row that could not be run to its end has failed, and the others are run all the same.</summary>
    private static async Task<ChaosReport> TryAsync(FaultRow row, ChaosArguments arguments, TextWriter output)
    {
        try
        {
            return await FaultRun.RunAsync(row, arguments.Seed, arguments.Tokens, output.WriteLine);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return new ChaosReport
            {
                Seed = arguments.Seed,
                Tokens = arguments.Tokens,
                Kills = 0,
                KillsByStage = new Dictionary<string, int>(),
                Broken = [$"the run did not come to its end: {failure.GetType().Name}: {failure.Message}"],
            };
        }
    }

    private static Task<int> ListAsync(TextWriter output)
    {
        foreach (var row in FaultRows.All)
        {
            output.WriteLine($"{row.Name,-26} {row.Text}");
        }
        return Task.FromResult(0);
    }

    private static async Task<int> EndAsync(ChaosArguments arguments, ChaosReport report, string again, TextWriter output)
    {
        if (arguments.Json is { } file)
        {
            await File.WriteAllTextAsync(file, report.ToJson());
        }
        await output.WriteLineAsync(report.ToJson());
        foreach (var broken in report.Broken)
        {
            await output.WriteLineAsync($"BROKEN: {broken}");
        }
        if (arguments.Fault is { } fault)
        {
            await output.WriteLineAsync(FaultTable.Line(fault, report));
        }
        var verdict = report.Passed ? "Every promise was kept" : "A promise was broken";
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{verdict}; {report.Took.TotalSeconds:0} s. Again: ./build.sh chaos {again}"));
        return report.Passed ? 0 : 1;
    }

    /// <summary>Sends of some ten ranges; as many that the kills of a whole run meet their beginnings and ends.</summary>
    private static ChaosPlan PlanOf(ChaosArguments arguments) => new()
    {
        Seed = arguments.Seed,
        Tokens = arguments.Tokens,
        Groups = Math.Clamp(Math.Min(arguments.Kills, arguments.Tokens / 4_000), 1, 40),
        Mix = DeviceMix.WithSuspects,
    };
}
