using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests;

/// <summary>Three nodes of RabbitMQ, three of Redis.</summary>
public sealed class ClusterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact, Trait("Length", "Long")]
    public Task A_node_of_RabbitMQ_that_dies_costs_nothing() => LoseNodeAsync(devices: 6_000, perSecond: 1_000);

    [Fact, Trait("Length", "Long")]
    public Task A_node_of_RabbitMQ_that_dies_in_a_send_to_100_000_costs_nothing() => LoseNodeAsync(devices: 100_000, perSecond: 4_000);

    [Fact]
    public async Task A_broadcast_goes_through_a_Redis_Cluster()
    {
        const int Devices = 5_000;
        await using var redis = await RedisCluster.StartAsync();
        await using var installation = await TestInstallation.CreateAsync(redis: redis.ConnectionString);
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        await installation.StartWorkerProcessAsync();
        var id = await PublishAsync(installation);

        Assert.Equal(new CompletedSend(Devices, Devices, 0, 0, Exact: true), await CompletedSend.ReadAsync(installation, id, Patience));
        Assert.Equal(Devices, installation.Simulator.Recorder.Accepted);
    }

    /// <summary>Whichever node it is: the books of a send are on one, its devices on all.</summary>
    [Theory, Trait("Length", "Long")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_node_of_a_Redis_Cluster_that_dies_and_comes_back_with_its_data_costs_nothing(int node)
    {
        await using var redis = await RedisCluster.StartAsync(appendOnly: true);
        await LoseRedisNodeAsync(redis, node, comesBack: true);
    }

    [Theory, Trait("Length", "Long")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_node_of_a_Redis_Cluster_whose_replica_takes_over_costs_nothing(int node)
    {
        await using var redis = await RedisCluster.StartAsync(replicas: 1);
        await LoseRedisNodeAsync(redis, node, comesBack: false);
    }

    private static async Task LoseRedisNodeAsync(RedisCluster redis, int node, bool comesBack)
    {
        const int Devices = 20_000;
        await using var installation = await TestInstallation.CreateAsync(redis: redis.ConnectionString);
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        installation.Set("Expansion:RangeTokens", "2000");
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", "2000");
        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var id = await PublishAsync(installation);
        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(Devices / 4, Patience));

        await redis.Nodes[node].KillAsync();
        Assert.True(installation.Simulator.Recorder.Accepted < Devices, "the send was over before the node was killed; nothing was tested");
        if (comesBack)
        {
            await redis.Nodes[node].RestartAsync();
        }

        Assert.Equal(new CompletedSend(Devices, Devices, 0, 0, Exact: true), await CompletedSend.ReadAsync(installation, id, Patience));
        Assert.Equal(Devices, installation.Simulator.Recorder.Pushes(id.ToString("N")).Select(push => push.TokenHash).Distinct().Count());
    }

    /// <summary>The node that the workers are connected to first, in the middle of the send.</summary>
    private static async Task LoseNodeAsync(int devices, int perSecond)
    {
        await using var cluster = await RabbitMqCluster.StartAsync();
        await using var installation = await TestInstallation.CreateAsync(new SimulatorOptions { Topics = [TestInstallation.Topic] }, rabbitMq: cluster.Nodes[0].Uri);
        await installation.ImportAsync(Enumerable.Range(0, devices).Select(number => Requests.Device(number)));
        installation.Set("RabbitMq:Hosts", string.Join(',', cluster.Nodes.Skip(1).Select(node => $"127.0.0.1:{node.Port}")));
        installation.Set("RabbitMq:PublishTimeout", "00:00:02");
        installation.Set("Expansion:RangeTokens", "2000");
        installation.Set("Expansion:WindowRanges", "4");
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", $"{perSecond}");
        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        Assert.Contains("3", (await cluster.Nodes[0].ControlAsync("eval", QuorumMembers)).Split('\n').Select(line => line.Trim()));
        var id = await PublishAsync(installation);
        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(devices / 3, Patience));

        await cluster.Nodes[0].KillAsync();
        Assert.True(installation.Simulator.Recorder.Accepted < devices, "the send was over before the node was killed; nothing was tested");

        Assert.Equal(new CompletedSend(devices, devices, 0, 0, Exact: true), await CompletedSend.ReadAsync(installation, id, Patience));
        Assert.Equal(devices, installation.Simulator.Recorder.Pushes(id.ToString("N")).Select(push => push.TokenHash).Distinct().Count());
    }

    /// <summary>How many nodes hold the queue of normal batches.</summary>
    private const string QuorumMembers =
        "{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"pushfanout.push-batch.normal\">>)), length(maps:get(nodes, amqqueue:get_type_state(Q))).";

    private static async Task<Guid> PublishAsync(TestInstallation installation)
    {
        var id = Guid.NewGuid();
        await using var service = await PlainAmqpClient.ConnectAsync(installation.RabbitMq);
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));
        return id;
    }
}
