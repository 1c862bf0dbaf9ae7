using System.Globalization;
using System.Text.RegularExpressions;
using PushFanout.Testing;

namespace PushFanout.Bench.Engine;

/// <summary>A client that is compared, always in a process of its own.</summary>
/// <param name="Name">As it is in the table.</param>
/// <param name="Share">Of the pushes, how many it sends; the slow ones fewer, so that all take about as long.</param>
internal abstract record EngineClient(string Name, double Share)
{
    public static EngineClient[] All { get; } =
        [new DotnetClient("ours", 2), new DotnetClient("ours-single", 1), new H2load(1), new DotnetClient("httpclient", 0.25)];

    protected static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public abstract Task<ClientReport> RunAsync(EngineServer server, int pushes);

    protected static ChildProcess Start(IEnumerable<string> command, IReadOnlyDictionary<string, string?>? environment = null)
    {
        string[] all = [.. Cores.Client, .. command];
        return ChildProcess.Start(all[0], all[1..], environment);
    }
}

/// <summary>See <see cref="MeasuredClient"/>.</summary>
internal sealed record DotnetClient(string Name, double Share) : EngineClient(Name, Share)
{
    // All code is compiled for good when it is first called. A process that runs for hours has that behind it; one that shares its only core with
    // the compiler would for its first ten seconds be measured together with it.
    private static readonly Dictionary<string, string?> CompiledAtOnce = new() { ["DOTNET_TieredCompilation"] = "0", ["DOTNET_ReadyToRun"] = "0" };

    public override async Task<ClientReport> RunAsync(EngineServer server, int pushes)
    {
        await using var process = Start(
        [
            "dotnet", typeof(DotnetClient).Assembly.Location, MeasuredClient.Verb, Name, $"{server.Endpoint}", server.AuthorityFile, $"{pushes}", $"{server.Connections}",
        ], CompiledAtOnce);
        var exit = await process.WaitForExitAsync(Patience);
        return exit == 0 && ClientReport.Read(process.Lines) is { } report
            ? report
            : throw new InvalidOperationException($"{Name} ended with {exit}: {process.Output}");
    }
}

/// <summary>
/// nghttp2's load generator. It takes its requests from a list of addresses made before, so it does not have to write a path per
/// push; everything else is as with the others.
/// </summary>
internal sealed partial record H2load(double Share) : EngineClient("h2load", Share)
{
    private const int Addresses = 1000;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    public override async Task<ClientReport> RunAsync(EngineServer server, int pushes)
    {
        var folder = Directory.CreateTempSubdirectory("pushfanout-h2load-").FullName;
        try
        {
            var (addresses, body) = (Path.Combine(folder, "addresses"), Path.Combine(folder, "body"));
            await File.WriteAllLinesAsync(addresses, PushWork.Tokens().Take(Addresses).Select(token => $"{new Uri(server.Endpoint, PushWork.Path(token))}"));
            await File.WriteAllBytesAsync(body, PushWork.Body);
            var cpu = ChildrenCpu.Seconds;
            await using var process = Start(
            [
                "h2load", "-n", $"{pushes}", "-c", $"{server.Connections}", "-m", $"{PushWork.InFlightPerConnection}", "-t", "1", "-d", body, "-i", addresses,
                "-H", $"authorization: {PushWork.Bearer}", "-H", $"apns-topic: {PushWork.Topic}", "-H", $"apns-push-type: {PushWork.PushType}",
            ]);
            var ended = process.WaitForExitAsync(Patience);
            long peak = 0;
            while (await Task.WhenAny(ended, Task.Delay(BetweenLooks)) != ended)
            {
                peak = Math.Max(peak, ProcessMemory.Peak(process.Id) ?? 0);
            }
            if (await ended != 0 || Rate().Match(process.Output) is not { Success: true } rate || Codes().Match(process.Output) is not { Success: true } codes)
            {
                throw new InvalidOperationException($"h2load failed: {process.Output}");
            }
            var seconds = pushes / double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture);
            return new ClientReport(
                pushes, long.Parse(codes.Groups[1].Value, CultureInfo.InvariantCulture), pushes, seconds, ChildrenCpu.Seconds - cpu, null, peak, server.Connections);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"finished in \S+, ([0-9.]+) req/s")]
    private static partial Regex Rate();

    [GeneratedRegex(@"status codes: ([0-9]+) 2xx")]
    private static partial Regex Codes();
}
