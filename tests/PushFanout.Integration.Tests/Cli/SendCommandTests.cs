using System.Text.Json;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed class SendCommandTests
{
    [Fact]
    public async Task Over_RabbitMQ_it_waits_for_the_end_and_shows_it()
    {
        await using var installation = await TestInstallation.CreateAsync();
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        installation.Set("Http:Urls", url);
        await installation.StartWorkerAsync();
        await installation.ImportAsync(Enumerable.Range(0, 700).Select(i => Requests.Device(i)));

        // A worker that tells how far it is, and none where it was said to be: that changes nothing about the end.
        string[] send = ["send", "--rabbitmq", installation.RabbitMq.ToString(), "--app", "shop-ios", "--audience", "all", "--body", "Sale", "--wait"];
        Assert.Equal(0, (await Run.OfAsync([.. send, "--url", $"http://127.0.0.1:{FreePort.Next()}", "--dry-run"])).ExitCode);
        var run = await Run.OfAsync([.. send, "--url", url]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches("accepted +\\| +700 ", run.Output);
        Assert.Matches("= audience +\\| +700 ", run.Output);
    }

    [Fact]
    public async Task A_request_that_the_worker_refuses_ends_with_1_and_the_reason()
    {
        await using var installation = await TestInstallation.CreateAsync();
        await installation.StartWorkerAsync();
        var run = await Run.OfAsync(
            "send", "--rabbitmq", installation.RabbitMq.ToString(), "--app", "shop-ios", "--audience", "nobody-ever", "--body", "Sale", "--source", "test", "--wait");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("unknown_audience", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_tokens_and_a_file_of_payload_are_sent_and_the_same_id_again_changes_nothing()
    {
        await using var installation = await TestInstallation.CreateAsync();
        await installation.StartWorkerAsync();
        using var folder = new TemporaryFolder();
        var tokens = folder.Write("tokens.txt", string.Join('\n', Enumerable.Range(0, 3).Select(i => Convert.ToHexString(Requests.Token(i)))) + "\n\n");
        var payload = folder.Write("payload.json", """{ "aps": { "content-available": 1 } }""");
        var id = Guid.NewGuid().ToString();
        string[] arguments =
        [
            "send", "--rabbitmq", installation.RabbitMq.ToString(), "--app", "shop-ios", "--token-file", tokens, "--payload", "@" + payload,
            "--push-type", "background", "--priority", "5", "--id", id, "--lane", "urgent", "--wait", "--json",
        ];
        var first = await Run.OfAsync(arguments);
        Assert.True(first.ExitCode == 0, first.Error);
        using var completed = JsonDocument.Parse(first.Output);
        Assert.Equal((id, 3L), (completed.RootElement.GetProperty("notificationId").GetString()!, completed.RootElement.GetProperty("outcomes").GetProperty("accepted").GetInt64()));

        Assert.Equal(id, (await Run.OfAsync(arguments[..^2])).Output.Trim());
        Assert.Equal(3, installation.Simulator.Recorder.Accepted);

        string[] byInput = [.. arguments[..5], "--token", "-", "--title", "Hello", "--sound", "default", "--badge", "3", "--deadline", "10m", "--no-store", "--wait", "--json"];
        var second = await Run.WithInputAsync(await File.ReadAllTextAsync(tokens), byInput);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Equal(6, installation.Simulator.Recorder.Accepted);
        string[] payloadByInput = [.. arguments[..7], "--payload", "@-", "--dry-run", "--wait", "--json"];
        using var counted = JsonDocument.Parse((await Run.WithInputAsync("""{"aps":{"alert":"Hello"}}""", payloadByInput)).Output);
        Assert.Equal(3, counted.RootElement.GetProperty("audience").GetInt64());
        Assert.Equal(6, installation.Simulator.Recorder.Accepted);
    }

    [Fact]
    public async Task Every_fault_is_named_before_anything_is_published()
    {
        var run = await Run.OfAsync(
            "send", "--url", "http://127.0.0.1:1", "--app", "Shop", "--audience", "No Name", "--payload", "{", "--priority", "7", "--max-audience", "0");
        Assert.Equal(2, run.ExitCode);
        foreach (var field in (string[])["app", "audience.anyOf[0]", "payload", "priority", "maxAudience"])
        {
            Assert.Single(run.Error.Split('\n'), line => line.StartsWith(field + ": ", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("send --app shop-ios --audience all --body x")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --body x --payload {}")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --rabbitmq amqp://localhost/ --body x")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --body x --lane fast")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --payload {} --badge 3")]
    [InlineData("send --app shop-ios --token - --url http://127.0.0.1:1 --payload @-")]
    [InlineData("send --app shop-ios --token aa --token zz --url http://127.0.0.1:1 --body x")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --body x --deadline tomorrow")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --body x --deadline 2026-12-24T18:00:00")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --body x --expiration 1h --no-store")]
    public async Task What_contradicts_itself_ends_with_2(string commandLine)
    {
        var run = await Run.OfAsync(commandLine.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(run.Error.Trim());
    }
}
