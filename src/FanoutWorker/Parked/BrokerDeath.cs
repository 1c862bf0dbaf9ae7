using System.Text;
using PushFanout.Worker.Messaging;
using RabbitMQ.Client;

namespace PushFanout.Worker.Parked;

/// <summary>What RabbitMQ notes on a message that it dead-lettered itself, as it does when one has been delivered too often.</summary>
/// <param name="Queue">The work queue it was in.</param>
/// <param name="Reason">RabbitMQ's own word, in a sentence.</param>
internal sealed record BrokerDeath(string Queue, string Reason, DateTimeOffset? At)
{
    /// <summary>RabbitMQ's own headers, which must not go along when the message goes back: they would count its old deliveries again.</summary>
    public static IReadOnlyList<string> Headers { get; } =
        ["x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason", "x-last-death-exchange", "x-last-death-queue", "x-last-death-reason", "x-delivery-count", "x-acquired-count"];

    /// <summary>The newest death in a work queue; a rest in a wait queue is one too, of which there may be some before it.</summary>
    public static BrokerDeath? Of(IDictionary<string, object?>? headers) =>
        headers?.TryGetValue("x-death", out var deaths) == true && deaths is IList<object?> list
            ? list.OfType<IDictionary<string, object?>>().Select(Read).FirstOrDefault(death => death is not null)
            : null;

    private static BrokerDeath? Read(IDictionary<string, object?> death) =>
        Text(death, "queue") is { } queue && QueueNames.Returning.Contains(queue)
            ? new BrokerDeath(
                queue, $"RabbitMQ gave up on it: {Text(death, "reason") ?? "no reason given"}",
                death.TryGetValue("time", out var time) && time is AmqpTimestamp stamp ? DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime) : null)
            : null;

    private static string? Text(IDictionary<string, object?> table, string name) =>
        table.TryGetValue(name, out var value) && value is byte[] text ? Encoding.UTF8.GetString(text) : null;
}
