using System.Text.Json;

namespace PushFanout.Chaos.Installation;

/// <summary>A result as a service hears it.</summary>
/// <param name="MessageId">The AMQP message id.</param>
/// <param name="Exchange">Which result exchange it came from.</param>
/// <param name="Body">The JSON.</param>
internal sealed record Completion(string? MessageId, string Exchange, JsonElement Body)
{
    public Guid Notification => Body.GetProperty("notificationId").GetGuid();

    public long Audience => Body.GetProperty("audience").GetInt64();

    public long Outcome(string name) => Body.GetProperty("outcomes").GetProperty(name).GetInt64();

    public long Outcomes => Body.GetProperty("outcomes").EnumerateObject().Sum(outcome => outcome.Value.GetInt64());

    public long Ambiguous => Body.GetProperty("ambiguous").GetInt64();

    public bool IsExact => Body.GetProperty("exact").GetBoolean();

    public string State => Body.GetProperty("state").GetString()!;
}
