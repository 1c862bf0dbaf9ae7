using System.Text.Json;
using PushFanout.Integration.Tests.Deployment;
using PushFanout.Testing;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client;

namespace PushFanout.Integration.Tests.Cli;

public sealed class TopologyCommandTests(EmptyBroker broker) : IClassFixture<EmptyBroker>
{
    private const string DefinitionsFile = "deploy/rabbitmq/definitions.json";

    [Fact]
    public async Task The_definitions_file_in_deploy_is_what_topology_show_prints()
    {
        var shown = await Run.OfAsync("topology", "show");
        Assert.Equal(0, shown.ExitCode);
        Assert.Equal(await File.ReadAllTextAsync(RepositoryFiles.PathOf(DefinitionsFile)), shown.Output);
    }

    [Fact]
    public async Task Definitions_loaded_from_the_file_are_what_a_worker_would_declare()
    {
        await broker.LoadDefinitionsAsync(RepositoryFiles.PathOf(DefinitionsFile));
        await AssertQueuesAsync(broker.DefaultVirtualHost);
        var applied = await Run.OfAsync("topology", "apply", "--rabbitmq", broker.DefaultVirtualHost.ToString());
        Assert.Equal((0, ""), (applied.ExitCode, applied.Error)); // other arguments would be a conflict, exit code 78
    }

    [Fact]
    public async Task Applying_makes_every_queue_and_applying_again_changes_nothing()
    {
        var virtualHost = await broker.NewVirtualHostAsync();
        for (var round = 0; round < 2; round++)
        {
            var applied = await Run.OfAsync("topology", "apply", "--rabbitmq", virtualHost.ToString());
            Assert.Equal((0, ""), (applied.ExitCode, applied.Error));
            Assert.DoesNotContain("guest:guest", applied.Output, StringComparison.Ordinal);
        }
        await AssertQueuesAsync(virtualHost);
    }

    [Fact]
    public async Task A_queue_with_other_arguments_is_named_and_ends_with_78()
    {
        var virtualHost = await broker.NewVirtualHostAsync();
        await using (var connection = await new ConnectionFactory { Uri = virtualHost }.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeclareAsync("pushfanout.parked", durable: true, exclusive: false, autoDelete: false);
        }
        var applied = await Run.OfAsync("topology", "apply", "--rabbitmq", virtualHost.ToString());
        Assert.Equal(78, applied.ExitCode);
        Assert.Contains("pushfanout.parked", applied.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_different_or_not_ours_is_told_and_nothing_is_changed()
    {
        var virtualHost = await broker.NewVirtualHostAsync();
        string[] diff = ["topology", "diff", "--rabbitmq", virtualHost.ToString(), "--json"];
        var empty = await DiffAsync(1, diff);
        Assert.All(empty, difference => Assert.Equal("missing", difference.Kind));
        Assert.Equal(Topology.AllExchanges.Count + Topology.Queues.Count, empty.Count);
        Assert.Equal(empty, await DiffAsync(1, diff)); // looking made nothing

        Assert.Equal(0, (await Run.OfAsync("topology", "apply", "--rabbitmq", virtualHost.ToString(), "--json")).ExitCode);
        string[] all = [.. diff, "--management", broker.Management.ToString()];
        // The management API shows a binding some moments after it is made.
        await Eventually.TrueAsync(async () => (await Run.OfAsync(all)).ExitCode == 0, Eventually.Patience, "nothing differs");

        await using (var connection = await new ConnectionFactory { Uri = virtualHost }.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeleteAsync("pushfanout.parked");
            await channel.QueueDeclareAsync("pushfanout.parked", durable: true, exclusive: false, autoDelete: false);
            await channel.QueueUnbindAsync("pushfanout.wait.5s", "pushfanout.wait.5s", "");
            await channel.QueueDeclareAsync("pushfanout.forgotten", durable: true, exclusive: false, autoDelete: false);
        }
        (string, string)[] expected =
        [
            ("different", "queue pushfanout.parked"), ("missing", "binding pushfanout.parked -> queue pushfanout.parked"),
            ("missing", "binding pushfanout.wait.5s -> queue pushfanout.wait.5s"), ("unknown", "queue pushfanout.forgotten"),
        ];
        await Eventually.TrueAsync(async () => (await DiffAsync(1, all)).Order().SequenceEqual(expected.Order()), Eventually.Patience, "the differences are seen");
        var shown = await Run.OfAsync(all[..^3]);
        Assert.Contains("x-queue-type", shown.Output, StringComparison.Ordinal);
        Assert.Contains("workers refuse to start", shown.Output, StringComparison.Ordinal);

        static async Task<List<(string Kind, string What)>> DiffAsync(int exitCode, string[] arguments)
        {
            var run = await Run.OfAsync(arguments);
            Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
            using var json = JsonDocument.Parse(run.Output);
            return [.. json.RootElement.GetProperty("differences").EnumerateArray().Select(entry => (entry.GetProperty("kind").GetString()!, entry.GetProperty("what").GetString()!))];
        }
    }

    [Fact]
    public async Task A_request_sent_before_the_topology_is_there_is_not_lost_in_silence()
    {
        var virtualHost = (await broker.NewVirtualHostAsync()).ToString();
        string[] send = ["send", "--rabbitmq", virtualHost, "--app", "shop-ios", "--audience", "all", "--body", "Sale"];
        var early = await Run.OfAsync(send);
        Assert.Equal((1, ""), (early.ExitCode, early.Output));
        Assert.Contains("topology apply", early.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await Run.OfAsync("topology", "apply", "--rabbitmq", virtualHost)).ExitCode);
        Assert.Equal(0, (await Run.OfAsync(send)).ExitCode);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_a_failure_in_one_line_without_the_password()
    {
        var applied = await Run.OfAsync("topology", "apply", "--rabbitmq", $"amqp://someone:hushhush@127.0.0.1:{FreePort.Next()}/");
        Assert.Equal(1, applied.ExitCode);
        Assert.Single(applied.Error.Trim().Split('\n'));
        Assert.DoesNotContain("hushhush", applied.Error, StringComparison.Ordinal);
    }

    private static async Task AssertQueuesAsync(Uri virtualHost)
    {
        await using var connection = await new ConnectionFactory { Uri = virtualHost }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in (string[])["pushfanout.notification-requested", "pushfanout.push-batch.urgent", "pushfanout.wait.30s", "pushfanout.parked"])
        {
            await channel.QueueDeclarePassiveAsync(queue); // throws when it is not there
        }
    }
}
