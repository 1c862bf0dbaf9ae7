namespace PushFanout.ApnsSimulator;

/// <summary>What came of one notification, told from others by its collapse id.</summary>
/// <param name="Notification">The collapse id.</param>
/// <param name="Accepted">Pushes accepted, duplicates among them.</param>
/// <param name="Refused">Pushes refused after their device token had been read.</param>
/// <param name="Duplicates">Acceptances beyond the first of the same token.</param>
/// <param name="First">When the first of its pushes was answered.</param>
/// <param name="Last">When the latest of its pushes was answered.</param>
public sealed record NotificationCount(
    string Notification, long Accepted, long Refused, long Duplicates, DateTimeOffset First, DateTimeOffset Last);

/// <summary>The same while it grows.</summary>
internal sealed class NotificationTally(string name)
{
    public string Name => name;
    public long Accepted { get; set; }
    public long Refused { get; set; }
    public long Duplicates { get; set; }
    public uint FirstMilliseconds { get; set; }
    public uint LastMilliseconds { get; set; }

    public NotificationCount Read(DateTimeOffset start) =>
        new(name, Accepted, Refused, Duplicates, start.AddMilliseconds(FirstMilliseconds), start.AddMilliseconds(LastMilliseconds));
}
