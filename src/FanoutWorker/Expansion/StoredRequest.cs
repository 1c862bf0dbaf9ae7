using System.Text.Json;
using PushFanout.Contracts;

namespace PushFanout.Worker.Expansion;

/// <summary>A request as the worker keeps it in the ledger and in its messages: validated before, so reading it cannot fail for the sender's sake.</summary>
internal sealed record StoredRequest(NotificationRequested Request)
{
    public Messaging.Lane Lane => Intake.PushTemplates.LaneOf(Request);

    public static StoredRequest Read(ReadOnlyMemory<byte> json) => new(
        JsonSerializer.Deserialize<NotificationRequested>(json.Span, ContractJson.Options)
        ?? throw new InvalidDataException("a stored request is null"));

    public static ReadOnlyMemory<byte> Write(NotificationRequested request) => ContractJson.Serialize(request);

    public override string ToString() => Request.ToString();
}
