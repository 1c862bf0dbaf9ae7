using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Cli;

/// <summary>What only RabbitMQ's management API tells: which bindings there are, and what of our name is none of ours.</summary>
internal static class ManagementBindings
{
    private const string OurPrefix = "pushfanout.";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <exception cref="HttpRequestException">The API does not answer as it should.</exception>
    public static async Task<IReadOnlyList<TopologyDifference>> CompareAsync(Uri management, BrokerConnection broker, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = management, Timeout = Timeout };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker.User}:{broker.EffectivePassword}")));
        var virtualHost = Uri.EscapeDataString(broker.VirtualHost);
        var bindings = (await ReadAsync("bindings"))
            .Select(binding => new BindingDefinition(
                Text(binding, "source"), Text(binding, "destination"), Text(binding, "destination_type") == "queue", Text(binding, "routing_key")))
            .Where(binding => binding.Source.Length > 0) // every queue is bound to the exchange without a name
            .ToHashSet();
        return
        [
            .. Topology.Bindings.Where(binding => !bindings.Contains(binding)).Select(binding => new TopologyDifference(TopologyDifference.Missing, Describe(binding))),
            .. bindings.Except(Topology.Bindings).Where(binding => IsOurs(binding.Source) && IsOurs(binding.Destination))
                .Select(binding => new TopologyDifference(TopologyDifference.Unknown, Describe(binding))),
            .. Unknown("queue", await ReadAsync("queues"), Topology.Queues.Select(queue => queue.Name)),
            .. Unknown("exchange", await ReadAsync("exchanges"), Topology.AllExchanges.Select(exchange => exchange.Name)),
        ];

        async Task<JsonElement[]> ReadAsync(string what)
        {
            try
            {
                return await http.GetFromJsonAsync<JsonElement[]>($"api/{what}/{virtualHost}", stop) ?? [];
            }
            catch (Exception failure) when (failure is JsonException or OperationCanceledException { InnerException: TimeoutException })
            {
                throw new HttpRequestException($"{management.Authority} does not answer as RabbitMQ's management API does.");
            }
        }
    }

    private static IEnumerable<TopologyDifference> Unknown(string what, IEnumerable<JsonElement> there, IEnumerable<string> ours) => there
        .Select(entry => Text(entry, "name")).Where(IsOurs).Except(ours)
        .Select(name => new TopologyDifference(TopologyDifference.Unknown, $"{what} {name}"));

    private static bool IsOurs(string name) => name.StartsWith(OurPrefix, StringComparison.Ordinal);

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString() ?? "";

    private static string Describe(BindingDefinition binding) =>
        $"binding {binding.Source} -> {(binding.ToQueue ? "queue" : "exchange")} {binding.Destination}{(binding.RoutingKey.Length > 0 ? $" by {binding.RoutingKey}" : "")}";
}
