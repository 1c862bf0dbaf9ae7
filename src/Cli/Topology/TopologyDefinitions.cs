using System.Text.Json;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Cli;

/// <summary>
/// The topology in the format of RabbitMQ's <c>load_definitions</c>. Users and permissions are left out: a node that loads
/// definitions makes no default user, and whoever runs it has to decide who may log in.
/// </summary>
internal static class TopologyDefinitions
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };
    private static readonly IReadOnlyDictionary<string, object?> NoArguments = new Dictionary<string, object?>();

    public static string ToJson(string virtualHost) => JsonSerializer.Serialize(
        new
        {
            vhosts = new[] { new { name = virtualHost } },
            exchanges = Topology.AllExchanges.Select(exchange => new
            {
                name = exchange.Name,
                vhost = virtualHost,
                type = exchange.Type,
                durable = true,
                auto_delete = false,
                @internal = false,
                arguments = NoArguments,
            }),
            queues = Topology.Queues.Select(queue => new
            {
                name = queue.Name,
                vhost = virtualHost,
                durable = true,
                auto_delete = false,
                arguments = queue.Arguments,
            }),
            bindings = Topology.Bindings.Select(binding => new
            {
                source = binding.Source,
                vhost = virtualHost,
                destination = binding.Destination,
                destination_type = binding.ToQueue ? "queue" : "exchange",
                routing_key = binding.RoutingKey,
                arguments = NoArguments,
            }),
        },
        Indented) + "\n";
}
