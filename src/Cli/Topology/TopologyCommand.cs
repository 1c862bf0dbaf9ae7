using System.CommandLine;
using System.Text.Json;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Cli;

/// <summary><c>pushfanout topology</c>: queues and exchanges before the first worker, so that a message published then is kept.</summary>
internal static class TopologyCommand
{
    public static Command Create() => new("topology", "The exchanges, queues and bindings on RabbitMQ.") { Apply(), Show(), TopologyDiffCommand.Create() };

    private static Command Apply()
    {
        var broker = new BrokerOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("apply", "Declares them; what is there already stays as it is.") { json };
        broker.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var connection = broker.Read(parsed)!;
            await TopologyDeclaration.ApplyAsync(connection, stop);
            var (exchanges, queues, bindings) = (Topology.AllExchanges.Count, Topology.Queues.Count, Topology.Bindings.Count);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { exchanges, queues, bindings })
                : $"{connection}: {exchanges} exchanges, {queues} queues and {bindings} bindings are there.");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Show()
    {
        var virtualHost = new Option<string>("--vhost") { Description = "The virtual host they belong to.", HelpName = "NAME", DefaultValueFactory = _ => "/" };
        var command = new Command("show", "Prints them as a RabbitMQ definitions file.") { virtualHost };
        command.SetAction(async (parsed, _) =>
        {
            await parsed.InvocationConfiguration.Output.WriteAsync(TopologyDefinitions.ToJson(parsed.GetRequiredValue(virtualHost)));
            return ExitCodes.Success;
        });
        return command;
    }
}
