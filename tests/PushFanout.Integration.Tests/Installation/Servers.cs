using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Installation;

/// <summary>The RabbitMQ and Redis of this test run; every installation gets a virtual host and a key prefix of its own on them.</summary>
public static class Servers
{
    private static readonly Lazy<Task<RabbitMqServer>> OwnRabbitMq = new(() => RabbitMqServer.StartAsync(new RabbitMqServerOptions { Metrics = true }));

    /// <summary>A broker address with nothing of another test on it; a given broker (PUSHFANOUT_TEST_RABBITMQ) is shared as it is.</summary>
    public static async Task<Uri> NewVirtualHostAsync()
    {
        if (Environment.GetEnvironmentVariable("PUSHFANOUT_TEST_RABBITMQ") is { Length: > 0 })
        {
            return await SharedServers.RabbitMqAsync();
        }
        return (await NewOwnVirtualHostAsync()).VirtualHost;
    }

    /// <summary>A virtual host on the run's own broker, whatever was given, and where that broker's metrics are: for tests that ask the broker itself.</summary>
    public static async Task<(Uri VirtualHost, Uri Metrics)> NewOwnVirtualHostAsync()
    {
        var server = await OwnRabbitMq.Value;
        var name = $"test-{Guid.NewGuid():N}";
        await server.ControlAsync("eval", $"rabbit_vhost:add(<<\"{name}\">>, <<\"test\">>), rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"{name}\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>).");
        return (new Uri(server.Uri, name), server.MetricsUri);
    }

    /// <summary>What an Erlang expression comes to in the run's own broker.</summary>
    public static async Task<string> EvaluateAsync(string expression) => (await (await OwnRabbitMq.Value).ControlAsync("eval", expression)).Trim();

    /// <summary>A user with this password on a virtual host of the run's own broker; false on a given one, where users are somebody else's.</summary>
    /// <param name="mayConfigure">The names of queues and exchanges that the user may declare, as a regular expression.</param>
    public static async Task<bool> TryAddUserAsync(Uri virtualHost, string user, string password, string mayConfigure = ".*")
    {
        if (Environment.GetEnvironmentVariable("PUSHFANOUT_TEST_RABBITMQ") is { Length: > 0 })
        {
            return false;
        }
        var name = virtualHost.AbsolutePath[1..];
        await (await OwnRabbitMq.Value).ControlAsync("eval", $"rabbit_auth_backend_internal:add_user(<<\"{user}\">>, <<\"{password}\">>, <<\"test\">>), rabbit_auth_backend_internal:set_permissions(<<\"{user}\">>, <<\"{name}\">>, <<\"{mayConfigure}\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>).");
        return true;
    }
}
