namespace PushFanout.Bench;

/// <summary>Notifications to one user while a bulk and a normal send to everybody take all that dispatch has.</summary>
internal static class UrgentBench
{
    private const int Singles = 200;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(BenchInstallation installation, int tokens)
    {
        await SingleBench.PrepareAsync(installation);
        await installation.PublishAsync("""{"anyOf":["all"]}"""); // a worker that has run for hours has its code compiled
        while ((await installation.NextCompletedAsync(TimeSpan.FromMinutes(10))).GetProperty("audience").GetInt64() == 1)
        {
            // an end of the preparation
        }
        var recorder = installation.Simulator.Recorder;
        var before = recorder.Accepted;
        foreach (var lane in (string[])["bulk", "normal"])
        {
            await installation.PublishAsync("""{"anyOf":["all"]}""", lane);
        }
        Figures.Expect(await recorder.WaitForAcceptedAsync(before + (tokens / 20), Patience), "the sends to everybody run");
        var published = new Dictionary<string, DateTimeOffset>();
        for (var single = 0; single < Singles; single++)
        {
            var at = TimeProvider.System.GetUtcNow();
            published.Add((await installation.PublishAsync("""{"users":["alice"]}""")).ToString("N"), at);
            await Task.Delay(Between);
        }
        var during = recorder.Accepted - before;
        Figures.Expect(during < 2L * tokens, "the sends to everybody ran until the last single one was published");
        for (var ended = 0; ended < Singles;)
        {
            ended += (await installation.NextCompletedAsync(TimeSpan.FromMinutes(10))).GetProperty("audience").GetInt64() == 1 ? 1 : 0;
        }
        var times = recorder.Pushes().Where(push => push.IsAccepted && published.ContainsKey(push.Notification))
            .Select(push => (push.At - published[push.Notification]).TotalMilliseconds).Order().ToList();
        Figures.Expect(times.Count == Singles, "every single push reached the simulator once");
        Figures.Print(
            "one user during a bulk and a normal send", $"p50 {times[Singles / 2]:0} ms, p99 {times[Singles * 99 / 100]:0} ms",
            $"max {times[^1]:0} ms; {during:N0} of {2L * tokens:N0} pushes of the others until then");
    }
}
