using System.Text.Json;

namespace PushFanout.Bench.Engine;

/// <summary>
/// How fast APNs clients send: ours, h2load and HttpClient against our own sink, nginx and h2o. In each round every client takes its turn, so that
/// whatever else the machine does hits all of them; the table has medians.
/// </summary>
internal static class EngineBench
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { WriteIndented = true };

    /// <returns>The exit code: 1 when a push was lost anywhere.</returns>
    public static async Task<int> RunAsync(EngineOptions options)
    {
        Console.WriteLine(Cores.AreApart
            ? $"{Environment.ProcessorCount} cores: client on core 0, server on core 1; {options.Rounds} rounds"
            : "Client and server SHARE their cores here (one core only, or no taskset): figures say little about a client alone, compare none with others.");
        var clients = EngineClient.All.Where(client => options.Clients.Contains(client.Name)).ToArray();
        var rows = new List<EngineRow>();
        var whole = true;
        foreach (var sink in options.Sinks)
        {
            await using var server = await EngineServer.All[sink]();
            var rounds = clients.ToDictionary(client => client.Name, _ => new List<ClientReport>());
            for (var round = 0; round < options.Rounds; round++)
            {
                for (var turn = 0; turn < clients.Length; turn++)
                {
                    var client = clients[(turn + round) % clients.Length];
                    var report = await RunAsync(client, sink, server, (int)(options.Pushes * client.Share));
                    whole &= report is not null;
                    if (report is not null)
                    {
                        rounds[client.Name].Add(report);
                    }
                }
            }
            if (rounds.Values.All(reports => reports.Count > 0))
            {
                rows.AddRange(EngineRow.Of(sink, rounds));
            }
        }
        Console.WriteLine();
        Console.WriteLine(EngineRow.Heading);
        rows.ForEach(Console.WriteLine);
        if (options.JsonFile is { } file)
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(rows, Json) + "\n");
        }
        return whole ? 0 : 1;
    }

    public static EngineRow[] Read(string file) => JsonSerializer.Deserialize<EngineRow[]>(File.ReadAllText(file), Json) ?? [];

    /// <returns>Null when a push was lost or sent twice: then there is nothing to report.</returns>
    private static async Task<ClientReport?> RunAsync(EngineClient client, string sink, EngineServer server, int pushes)
    {
        var before = await server.TallyAsync();
        ClientReport report;
        try
        {
            report = await client.RunAsync(server, pushes);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            Console.Error.WriteLine($"{client.Name} against {sink}: {e.Message}");
            return null;
        }
        var after = await server.TallyAsync();
        var seen = after is null ? "" : $", the sink {(after.CpuSeconds - before!.CpuSeconds) / (after.Answered - before.Answered) * 1e6:0.00}";
        Console.WriteLine(
            $"  {sink,-12} {client.Name,-12} {report.Measured / report.Seconds,10:N0} pushes/s in {report.Seconds:0.0} s; CPU s per 1 M {report.CpuSeconds / report.Measured * 1e6:0.00}{seen}"
            + (report.Connections is { } connections ? $"; {connections} connections" : ""));
        if (report.Accepted != report.Sent)
        {
            Console.Error.WriteLine($"{client.Name} against {sink}: {report.Sent:N0} sent, {report.Accepted:N0} accepted.");
            return null;
        }
        if (after is not null && (after.Answered - before!.Answered != report.Sent || after.BodyBytes - before.BodyBytes != report.Sent * PushWork.Body.Length))
        {
            Console.Error.WriteLine(
                $"{client.Name} against {sink}: {report.Sent:N0} sent, {after.Answered - before.Answered:N0} seen, with {after.BodyBytes - before.BodyBytes:N0} bytes of bodies.");
            return null;
        }
        return report;
    }
}
