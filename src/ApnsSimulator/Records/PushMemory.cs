namespace PushFanout.ApnsSimulator;

/// <summary>
/// What is remembered between two resets: 32 bytes a push, 11 to 22 more to know duplicates, and one entry for each notification.
/// For one thread at a time.
/// </summary>
internal sealed class PushMemory
{
    private const int WithoutCollapseId = 0;
    private const int BeyondTheTable = 1;
    private readonly int maxNotifications;
    private readonly PushLog log;
    private readonly FingerprintSet acceptedOnce = new();
    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);
    private readonly List<NotificationTally> notifications = [new(PushRecorder.NoCollapseId), new(PushRecorder.Others)];

    public PushMemory(int maxPushes, int maxNotifications, DateTimeOffset start)
    {
        this.maxNotifications = maxNotifications;
        log = new PushLog(maxPushes);
        Start = start;
    }

    public DateTimeOffset Start { get; }
    public AnswerTally Answers { get; } = new();
    public long Duplicates { get; private set; }
    public long NotRemembered { get; private set; }
    public int DifferentNotifications => indexes.Count;

    public void Accept(ulong tokenHash, string? collapseId, Guid apnsId, bool apnsIdGiven, DateTimeOffset now)
    {
        Answers.Accept();
        var index = IndexOf(collapseId);
        var notification = notifications[index];
        notification.Accepted++;
        if (!Remember(tokenHash, apnsId, index, AnswerTally.AcceptedCode, now))
        {
            return;
        }
        var identity = index > BeyondTheTable ? (ulong)index : index == WithoutCollapseId && apnsIdGiven ? Fold(apnsId) : 0;
        if (identity != 0 && !acceptedOnce.Add(DeviceTokenHash.Finish(tokenHash ^ DeviceTokenHash.Finish(identity))))
        {
            notification.Duplicates++;
            Duplicates++;
        }
    }

    public void Refuse(ulong? tokenHash, string? collapseId, Guid apnsId, PushReply reply, DateTimeOffset now)
    {
        var code = Answers.Refuse(reply);
        if (tokenHash is { } hash)
        {
            var index = IndexOf(collapseId);
            notifications[index].Refused++;
            Remember(hash, apnsId, index, code, now);
        }
    }

    /// <summary>Looks at remembered pushes from a position on and takes those of one notification, or all.</summary>
    /// <returns>The position after the last one looked at.</returns>
    public int Take(int position, string? notification, List<RecordedPush> into, int atMost)
    {
        var wanted = notification is null ? -1 : Find(notification);
        for (; position < log.Count && into.Count < atMost; position++)
        {
            ref readonly var push = ref log[position];
            if (wanted < 0 || push.Notification == wanted)
            {
                into.Add(new RecordedPush(
                    push.TokenHash, push.ApnsId, Start.AddMilliseconds(push.Milliseconds), notifications[push.Notification].Name, Answers.ReasonOf(push.Reason)));
            }
        }
        return position;
    }

    public List<NotificationCount> Notifications() =>
        [.. notifications.Where(seen => seen.Accepted + seen.Refused > 0).Select(seen => seen.Read(Start))];

    private int Find(string notification) => notification switch
    {
        PushRecorder.NoCollapseId => WithoutCollapseId,
        PushRecorder.Others => BeyondTheTable,
        _ => indexes.GetValueOrDefault(notification, int.MaxValue),
    };

    private bool Remember(ulong tokenHash, Guid apnsId, int index, byte reason, DateTimeOffset now)
    {
        var milliseconds = (uint)Math.Clamp((now - Start).TotalMilliseconds, 0, uint.MaxValue);
        var notification = notifications[index];
        if (notification.Accepted + notification.Refused == 1)
        {
            notification.FirstMilliseconds = milliseconds;
        }
        notification.LastMilliseconds = milliseconds;
        var remembered = log.TryAppend(new StoredPush(tokenHash, apnsId, milliseconds, index, reason));
        NotRemembered += remembered ? 0 : 1;
        return remembered;
    }

    private int IndexOf(string? collapseId)
    {
        if (string.IsNullOrEmpty(collapseId))
        {
            return WithoutCollapseId;
        }
        if (indexes.TryGetValue(collapseId, out var index))
        {
            return index;
        }
        if (notifications.Count >= maxNotifications)
        {
            return BeyondTheTable;
        }
        notifications.Add(new NotificationTally(collapseId));
        return indexes[collapseId] = notifications.Count - 1;
    }

    private static ulong Fold(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return DeviceTokenHash.Of(bytes) | 1UL << 63; // never the number of a notification
    }
}
