namespace PushFanout.Worker.Parked;

/// <summary>Which parked messages an operator means: some by id, or all, or all from one queue.</summary>
/// <param name="Ids">By id; null for all.</param>
/// <param name="From">Of all, only those from this queue.</param>
internal sealed record ParkedSelection(IReadOnlySet<string>? Ids, string? From = null)
{
    public bool Means(ParkedMessage message) => Ids?.Contains(message.Id) ?? (From is null || From == message.From);
}
