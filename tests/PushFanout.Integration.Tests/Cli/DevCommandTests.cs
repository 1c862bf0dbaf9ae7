using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed partial class DevCommandTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task What_it_prints_works_when_it_is_copied()
    {
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        await using var dev = PushFanoutProcess.Start("dev", "--http-port", new Uri(url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var curl = Curl().Match(await dev.WaitForLineAsync("curl -sS", Patience));
        Assert.Equal(url + "/api/notifications", curl.Groups["url"].Value);

        using var http = new HttpClient();
        using var body = new StringContent(curl.Groups["json"].Value, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(curl.Groups["url"].Value, body);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var status = await dev.WaitForLineAsync(" status ", Patience);
        var arguments = status[status.IndexOf("status ", StringComparison.Ordinal)..].Split(' ');
        await Eventually.TrueAsync(async () => (await Run.OfAsync(arguments)).ExitCode == 0, Patience, "the notification is known");
        Assert.Matches("accepted +\\| +2 ", (await Run.OfAsync(arguments)).Output);
        Assert.Contains("pushfanout_requests_total", await http.GetStringAsync(url + "/metrics"), StringComparison.Ordinal);

        dev.Signal(UnixSignal.Interrupt);
        Assert.Equal(0, await dev.WaitForExitAsync(Patience));
    }

    [Fact]
    public async Task On_a_given_RabbitMQ_and_Redis_requests_come_in_over_the_broker()
    {
        await using var redis = await RedisServer.StartAsync();
        var rabbitMq = (await Servers.NewVirtualHostAsync()).ToString();
        await using var dev = PushFanoutProcess.Start("dev", "--http-port", $"{FreePort.Next()}", "--rabbitmq", rabbitMq, "--redis", redis.ConnectionString);
        await dev.WaitForLineAsync("await bus.StopAsync();", Patience);
        Assert.DoesNotContain("guest:guest", dev.Output, StringComparison.Ordinal);

        var run = await Run.OfAsync("send", "--rabbitmq", rabbitMq, "--app", "shop-ios", "--audience", "news", "--title", "Hello", "--source", "test", "--wait", "--json");
        Assert.True(run.ExitCode == 0, run.Error + dev.Output);
        using var completed = JsonDocument.Parse(run.Output);
        Assert.Equal(2, completed.RootElement.GetProperty("outcomes").GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task A_broker_needs_a_Redis_and_one_that_is_not_there_is_said_at_once()
    {
        Assert.Equal(2, (await Run.OfAsync("dev", "--rabbitmq", "amqp://localhost/")).ExitCode);
        var run = await Run.OfAsync("dev", "--rabbitmq", $"amqp://127.0.0.1:{FreePort.Next()}/", "--redis", "127.0.0.1:1");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("RabbitMQ cannot be reached", run.Error, StringComparison.Ordinal);
    }

    [GeneratedRegex("^curl -sS (?<url>[^ ]+) .*-d '(?<json>[^']+)'$")]
    private static partial Regex Curl();
}
