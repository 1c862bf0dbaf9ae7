using System.CommandLine;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Cli;

/// <summary><c>pushfanout dev</c>: something to develop a producer against.</summary>
internal static class DevCommand
{
    /// <summary>Of its own, so that the made-up devices are never among those of a real installation.</summary>
    private const string KeyPrefix = "pf-dev";

    public static Command Create()
    {
        var broker = new BrokerOptionGroup();
        var redis = new RedisOptionGroup(KeyPrefix);
        var port = new Option<int>("--http-port") { Description = "Where the HTTP API listens on this machine.", HelpName = "PORT", DefaultValueFactory = _ => 8080 };
        var command = new Command(
            "dev", "Runs a worker and an APNs simulator until Ctrl+C, with a few devices to send to, on the RabbitMQ and Redis that are given or else in memory.") { port };
        broker.AddTo(command, required: false);
        redis.AddTo(command, required: false);
        command.Validators.Add(result =>
        {
            if (broker.IsGiven(result) && !redis.IsGiven(result))
            {
                result.AddError("--rabbitmq needs --redis as well: messages that outlive this process need books that do.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            var connection = broker.Read(parsed);
            if (connection is not null)
            {
                await TopologyDeclaration.ApplyAsync(connection, stop); // a broker that is not there is said at once
            }
            var settings = Settings(parsed.GetValue(port));
            broker.AddSettings(parsed, settings);
            redis.AddSettings(parsed, settings);
            await using var installation = await EmbeddedInstallation.StartAsync(unregisteredShare: 0, settings, stop);
            await SampleDevices.RegisterAsync(installation, TimeProvider.System, stop);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(new DevGuide(installation, connection, TimeProvider.System).ToString());
            await WaitAsync(installation.Stopping, stop);
            return Environment.ExitCode;
        });
        return command;
    }

    private static Dictionary<string, string?> Settings(int port) => new()
    {
        ["PushFanout:Transport"] = "in-memory",
        ["PushFanout:Http:Urls"] = $"http://127.0.0.1:{port}",
        ["PushFanout:AllowInsecure"] = "true", // a developer's own servers, often in a container with another name
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:MassTransit"] = "Warning",
    };

    private static async Task WaitAsync(CancellationToken stopping, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, stop);
        var ended = new TaskCompletionSource();
        await using var _ = either.Token.Register(ended.SetResult);
        await ended.Task;
    }
}
