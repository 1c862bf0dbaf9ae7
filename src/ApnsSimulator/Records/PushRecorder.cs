namespace PushFanout.ApnsSimulator;

/// <summary>
/// What the simulator answered, push by push and in sums, for tests that compare it with what they expect. A duplicate is the same
/// token accepted twice for one collapse id or, without a collapse id, for one <c>apns-id</c> that the sender gave.
/// </summary>
public sealed class PushRecorder
{
    /// <summary>The notification of pushes without a collapse id.</summary>
    public const string NoCollapseId = "(none)";
    /// <summary>The notification of pushes whose collapse id came when the table was full.</summary>
    public const string Others = "(others)";
    private const int PageSize = 2048;

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Func<PushMemory> fresh;
    private readonly CountWaiters acceptedWaiters = new();
    private readonly CountWaiters answeredWaiters = new();
    private PushMemory memory;

    internal PushRecorder(int maxPushes, int maxNotifications, TimeProvider time)
    {
        this.time = time;
        fresh = () => new PushMemory(maxPushes, maxNotifications, time.GetUtcNow());
        memory = fresh();
    }

    /// <summary>Pushes accepted since the last reset.</summary>
    public long Accepted => Read(now => now.Answers.Accepted);

    /// <summary>Pushes answered since the last reset, accepted or not.</summary>
    public long Answered => Read(now => now.Answers.Answered);

    /// <summary>Acceptances beyond the first of the same token for the same notification.</summary>
    public long Duplicates => Read(now => now.Duplicates);

    /// <summary>Pushes beyond <see cref="SimulatorOptions.MaxRecordedPushes"/>: counted, but not remembered and not looked at for duplicates.</summary>
    public long NotRemembered => Read(now => now.NotRemembered);

    /// <summary>Answers by HTTP status.</summary>
    public IReadOnlyDictionary<string, long> ByStatus => Read(now => now.Answers.ByStatus());

    /// <summary>Refusals by reason.</summary>
    public IReadOnlyDictionary<string, long> ByReason => Read(now => now.Answers.ByReason());

    /// <summary>Different collapse ids seen.</summary>
    public int DifferentNotifications => Read(now => now.DifferentNotifications);

    /// <summary>Every notification that was seen, in the order of their first pushes.</summary>
    public IReadOnlyList<NotificationCount> Notifications => Read(now => now.Notifications());

    /// <summary>Waits until so many pushes were accepted since the last reset.</summary>
    /// <returns>False when the time is over first.</returns>
    public Task<bool> WaitForAcceptedAsync(long count, TimeSpan timeout, CancellationToken cancellation = default) =>
        acceptedWaiters.WaitAsync(count, () => Accepted, timeout, time, cancellation);

    /// <summary>Waits until so many pushes were answered, accepted or not, since the last reset.</summary>
    /// <returns>False when the time is over first.</returns>
    public Task<bool> WaitForAnsweredAsync(long count, TimeSpan timeout, CancellationToken cancellation = default) =>
        answeredWaiters.WaitAsync(count, () => Answered, timeout, time, cancellation);

    /// <summary>The remembered pushes in the order of their answers, read page by page while others may be added.</summary>
    /// <param name="notification">Only those of this collapse id; null for all.</param>
    public IEnumerable<RecordedPush> Pushes(string? notification = null)
    {
        var from = Read(now => now); // a reset in between does not change what is being read
        var page = new List<RecordedPush>(PageSize);
        var position = 0;
        do
        {
            page.Clear();
            lock (gate)
            {
                position = from.Take(position, notification, page, PageSize);
            }
            foreach (var push in page)
            {
                yield return push;
            }
        }
        while (page.Count > 0);
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        lock (gate)
        {
            memory = fresh();
        }
    }

    internal void Accept(ulong tokenHash, string? collapseId, Guid apnsId, bool apnsIdGiven)
    {
        long accepted, answered;
        lock (gate)
        {
            memory.Accept(tokenHash, collapseId, apnsId, apnsIdGiven, time.GetUtcNow());
            (accepted, answered) = (memory.Answers.Accepted, memory.Answers.Answered);
        }
        acceptedWaiters.Reached(accepted);
        answeredWaiters.Reached(answered);
    }

    /// <summary>A push whose token was not read (<paramref name="tokenHash"/> null) is only counted.</summary>
    internal void Refuse(ulong? tokenHash, string? collapseId, Guid apnsId, PushReply reply)
    {
        long answered;
        lock (gate)
        {
            memory.Refuse(tokenHash, collapseId, apnsId, reply, time.GetUtcNow());
            answered = memory.Answers.Answered;
        }
        answeredWaiters.Reached(answered);
    }

    private T Read<T>(Func<PushMemory, T> read)
    {
        lock (gate)
        {
            return read(memory);
        }
    }
}
