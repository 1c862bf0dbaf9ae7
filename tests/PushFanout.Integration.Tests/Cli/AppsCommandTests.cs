using System.Text.Json;
using PushFanout.ApnsSimulator;

namespace PushFanout.Integration.Tests.Cli;

public sealed class AppsCommandTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private SimulatorHost _apns = null!;

    public async Task InitializeAsync() => _apns = await SimulatorHost.StartAsync(new SimulatorOptions { Topics = ["com.example.shop"] });

    public async Task DisposeAsync() => await _apns.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task APNs_is_asked_whether_it_takes_credential_and_topic_and_no_device_hears_of_it()
    {
        var config = Write(topic: "com.example.shop", environment: "production");
        var listed = await Run.OfAsync("apps", "list", "--config", config);
        Assert.Contains("com.example.shop.voip", listed.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Run.OfAsync("apps", "check", "--config", config)).ExitCode);
        Assert.Empty(_apns.Recorder.Pushes());

        _apns.Tokens.Answer(new byte[32], 400, "BadDeviceToken"); // as Apple does: no device has this token
        var run = await Run.OfAsync("apps", "check", "--config", config, "--connect", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.All(json.RootElement.GetProperty("apps").EnumerateArray(), app => Assert.True(app.GetProperty("works").GetBoolean()));
        Assert.Equal(["BadDeviceToken", "BadDeviceToken"], _apns.Recorder.Pushes().Select(push => push.Reason));
    }

    [Fact]
    public async Task What_APNs_refuses_is_told_with_its_own_word()
    {
        var run = await Run.OfAsync("apps", "check", "--config", Write(topic: "com.example.other", environment: "production"), "--connect", "--app", "shop-ios");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("BadTopic", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("shop-calls", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await Run.OfAsync("apps", "check", "--config", Write("com.example.shop", "production"), "--app", "no-such-app")).ExitCode);
    }

    [Fact]
    public async Task Settings_that_cannot_work_end_with_78_and_every_fault()
    {
        var run = await Run.OfAsync("apps", "check", "--config", Write(topic: "no topic", environment: "moon"));
        Assert.Equal((78, ""), (run.ExitCode, run.Output));
        Assert.Contains("Apps:shop-ios:Topic", run.Error, StringComparison.Ordinal);
        Assert.Contains("Apps:shop-ios:Environment", run.Error, StringComparison.Ordinal);
        Assert.Equal(78, (await Run.OfAsync("apps", "list", "--config", _folder.PathOf("nowhere.json"))).ExitCode);
        Assert.Equal(78, (await Run.OfAsync("apps", "list", "--config", _folder.Write("broken.json", "{"))).ExitCode);
    }

    private string Write(string topic, string environment) => _folder.Write("appsettings.json", JsonSerializer.Serialize(new
    {
        PushFanout = new
        {
            Apns = new { EndpointOverride = _apns.Endpoint, TrustedCaFile = _apns.AuthorityFile },
            Credentials = new { main = new { Kind = "p8", TeamId = _apns.Options.DemoTeamId, KeyId = _apns.Options.DemoKeyId, KeyFile = _apns.DemoKeyFile } },
            Apps = new Dictionary<string, object>
            {
                ["shop-ios"] = new { Topic = topic, Environment = environment, Credential = "main" },
                ["shop-calls"] = new { Topic = "com.example.shop.voip", Environment = "production", Credential = "main" },
            },
        },
    }));
}
