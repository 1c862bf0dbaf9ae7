using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PushFanout.Worker.Messaging;
using RabbitMQ.Client;

namespace PushFanout.Worker.Parked;

/// <summary>A message in the parked queue, as far as it may be shown without being asked for: nothing of its body but app and notification.</summary>
/// <param name="Id">Its message id; for one that never had one, a name made from its body.</param>
/// <param name="From">The queue it was taken from, and goes back to; null when that is not known.</param>
/// <param name="Reason">Why it was parked.</param>
/// <param name="At">When; null when the broker put it here itself and does not say.</param>
/// <param name="Kind">What it is: <c>json</c>, <c>range</c>, <c>batch</c>, <c>tick</c>, or <c>unreadable</c>.</param>
internal sealed record ParkedMessage(
    string Id, string? From, string Reason, DateTimeOffset? At, int Bytes, string? ContentType, string Kind, string? App, Guid? NotificationId)
{
    public static ParkedMessage Of(BasicGetResult delivery)
    {
        var properties = delivery.BasicProperties;
        var body = ParkedBody.Read(delivery.Body);
        var death = BrokerDeath.Of(properties.Headers);
        return new ParkedMessage(
            properties.MessageId is { Length: > 0 } id ? id : $"body-{Convert.ToHexStringLower(SHA256.HashData(delivery.Body.Span)[..8])}",
            Text(properties.Headers, MessageHeaders.ParkedFrom) is { } from && QueueNames.Returning.Contains(from) ? from : death?.Queue,
            Text(properties.Headers, MessageHeaders.ParkedReason) ?? death?.Reason ?? "put here by somebody else than a worker",
            DateTimeOffset.TryParse(Text(properties.Headers, MessageHeaders.ParkedAt), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : death?.At,
            delivery.Body.Length, properties.ContentType, body.Kind, body.App, body.NotificationId);
    }

    private static string? Text(IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) == true && value is byte[] text ? Encoding.UTF8.GetString(text) : null;
}
