using System.Text.Json;
using PushFanout.ApnsSimulator;
using PushFanout.Cli;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed class StatusCommandTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task A_notification_can_be_sent_paused_resumed_and_followed_to_its_end_over_HTTP()
    {
        await using var installation = await StartAsync();
        var url = UrlOf(installation);
        installation.Apns.Latency = new AnswerLatency(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
        var id = Guid.NewGuid().ToString();
        Assert.Equal((0, "Not seen yet; kept for when it comes."), await SteerAsync("pause"));
        Assert.Equal(0, (await Run.OfAsync("send", "--url", url, "--app", EmbeddedInstallation.App, "--user", "alice", "--title", "Hello", "--id", id)).ExitCode);
        await Eventually.TrueAsync(async () => (await Run.OfAsync("status", id, "--url", url)).Output.Contains("paused", StringComparison.Ordinal), Patience, "paused");
        Assert.Equal(0, installation.Apns.Recorder.Accepted);

        Assert.Equal(0, (await SteerAsync("resume")).ExitCode);
        var watched = await Run.OfAsync("status", id, "--url", url, "--watch", "--json");
        Assert.Equal(0, watched.ExitCode);
        using var json = JsonDocument.Parse(watched.Output);
        Assert.Equal(("done", 2L), (json.RootElement.GetProperty("state").GetString()!, json.RootElement.GetProperty("outcomes").GetProperty("accepted").GetInt64()));

        var list = await Run.OfAsync("status", "--url", url);
        Assert.Contains(id, list.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await SteerAsync("cancel")).ExitCode); // it is over
        Assert.DoesNotContain(id, (await Run.OfAsync("status", "--url", url, "--before", "2026-01-01T00:00:00Z")).Output, StringComparison.Ordinal);

        // Without an id it follows the list until it is stopped, which is the end it is meant to have.
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var stop = new CancellationTokenSource();
        var following = PushFanoutProgram.RunAsync(["status", "--watch", "--url", url, "--limit", "1"], TextWriter.Synchronized(output), error, stop.Token);
        await Eventually.TrueAsync(() => output.ToString().Contains(id, StringComparison.Ordinal), Patience, "the list is shown");
        await stop.CancelAsync();
        Assert.Equal((0, ""), (await following, error.ToString()));

        async Task<(int ExitCode, string Text)> SteerAsync(string action)
        {
            var run = await Run.OfAsync(action, id, "--url", url);
            return (run.ExitCode, run.Output.Trim());
        }
    }

    [Fact]
    public async Task Sending_over_HTTP_shows_the_worker_s_faults_and_the_end()
    {
        await using var installation = await StartAsync();
        var url = UrlOf(installation);
        var refused = await Run.OfAsync("send", "--url", url, "--app", "other-app", "--user", "alice", "--body", "Hello");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("unknown_app", refused.Error, StringComparison.Ordinal);

        var sent = await Run.OfAsync("send", "--url", url, "--app", EmbeddedInstallation.App, "--user", "alice", "--user", "nobody", "--body", "Hello", "--wait");
        Assert.Equal((0, ""), (sent.ExitCode, sent.Error));
        Assert.Matches("accepted +\\| +2 ", sent.Output);
        Assert.Contains("1 users have no device", sent.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_see_Redis_looks_after_devices_over_HTTP()
    {
        await using var installation = await StartAsync();
        string[] there = ["--url", UrlOf(installation), "--app", EmbeddedInstallation.App];
        var added = await Run.WithInputAsync("0a0b\n\n0A0C\n", ["devices", "add", .. there, "--token", "-", "--user", "dora", "--audience", "quiet", "--json"]);
        Assert.Equal((0, "{\"added\":2,\"renewed\":0,\"stale\":0}", ""), (added.ExitCode, added.Output.Trim(), added.Error));
        Assert.Matches("quiet +\\| +2 ", (await Run.OfAsync(["audiences", .. there])).Output);
        Assert.Equal("1 removed.", (await Run.OfAsync(["devices", "remove", .. there, "--token", "0a0b"])).Output.Trim());
        Assert.Equal("{\"removed\":1}", (await Run.OfAsync(["devices", "remove", .. there, "--user", "dora", "--json"])).Output.Trim());

        var apps = await Run.OfAsync("apps", "list", "--url", UrlOf(installation));
        Assert.Contains(EmbeddedInstallation.Topic, apps.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse((await Run.OfAsync("apps", "list", "--url", UrlOf(installation), "--json")).Output);
        Assert.Equal("production", json.RootElement.GetProperty("apps")[0].GetProperty("environment").GetString());
        Assert.Equal(1, (await Run.OfAsync("audiences", "--url", UrlOf(installation), "--app", "no-such-app")).ExitCode);
    }

    [Fact]
    public async Task An_id_that_nobody_knows_and_a_worker_that_is_not_there_end_with_1()
    {
        await using var installation = await StartAsync();
        var unknown = await Run.OfAsync("status", Guid.NewGuid().ToString(), "--url", UrlOf(installation));
        Assert.Equal((1, ""), (unknown.ExitCode, unknown.Output));
        Assert.Contains("No such notification", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await Run.OfAsync("status", "--url", $"http://127.0.0.1:{FreePort.Next()}")).ExitCode);
    }

    private static string UrlOf(EmbeddedInstallation installation) => installation.Options.Http.Urls;

    private static async Task<EmbeddedInstallation> StartAsync()
    {
        var installation = await EmbeddedInstallation.StartAsync(
            0,
            new Dictionary<string, string?> { ["PushFanout:Transport"] = "in-memory", ["PushFanout:Http:Urls"] = $"http://127.0.0.1:{FreePort.Next()}", ["Logging:LogLevel:Default"] = "None" },
            CancellationToken.None);
        await SampleDevices.RegisterAsync(installation, TimeProvider.System, CancellationToken.None);
        return installation;
    }
}
