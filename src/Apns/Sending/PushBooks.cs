using PushFanout.Apns.Connections;
using PushFanout.Apns.Credentials;

namespace PushFanout.Apns.Sending;

/// <summary>
/// What the pump keeps books on: the pushes that wait, those that have a stream, and the connections. Everything here belongs to <see cref="Gate"/>, under which
/// neither connections nor listeners are called.
/// </summary>
internal sealed class PushBooks
{
    private readonly ApnsClientOptions options;
    private readonly TimeProvider clock;
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ProviderTokenValue? newestToken;

    public PushBooks(PushPump pump, ApnsCredential credential, ApnsClientOptions options, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        InFlight = new PushesInFlight(options, clock);
        Congestion = new Congestion(clock);
        Pool = new ConnectionPool(credential, options, clock, Gate, pump);
    }

    public Lock Gate { get; } = new();

    public WaitingLists Waiting { get; } = new();

    public PushesInFlight InFlight { get; }

    public Congestion Congestion { get; }

    public ConnectionPool Pool { get; }

    /// <summary>The client is being disposed: nothing begins any more.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Completes when the books are stopped and every push that had begun has ended.</summary>
    public Task Idle => idle.Task;

    /// <summary>
    /// The newest provider token so far, for pushes that begin. Who has fetched one may have been overtaken since, and to APNs a connection that goes back
    /// to the old one has changed its token too often.
    /// </summary>
    /// <param name="fetched">Null with a client certificate.</param>
    public ProviderTokenValue? Newest(ProviderTokenValue? fetched)
    {
        if (fetched?.Number > (newestToken?.Number ?? 0))
        {
            newestToken = fetched;
        }
        return newestToken;
    }

    /// <returns>False when somebody else has stopped them before.</returns>
    public bool TryStop()
    {
        var first = !Stopped;
        Stopped = true;
        CompleteIfIdle();
        return first;
    }

    /// <summary>To be called whenever pushes have ended.</summary>
    public void CompleteIfIdle()
    {
        if (Stopped && InFlight.Count == 0)
        {
            idle.TrySetResult();
        }
    }

    /// <summary>A push that was not written waits again, where every connection can take it.</summary>
    public void PutBack(Push push)
    {
        push.Stage = PushStage.Withdrawn;
        InFlight.End(push);
        push.List.TakeBack(push, countResend: false);
        Waiting.Add(push.List);
    }

    /// <summary>No more pushes for the connection; those that it has not written go back to wait, unless they have waited too long already.</summary>
    /// <param name="late">Gets the latter.</param>
    public void Close(ApnsConnection connection, ApnsConnectionEnd why, string? detail, UnsentPushes late)
    {
        while (connection.Unwritten.TryDequeue(out var push))
        {
            if (push.Stage != PushStage.Begun)
            {
                continue;
            }
            if (clock.GetElapsedTime(push.FirstBegunAt) < options.StartTimeout)
            {
                PutBack(push);
            }
            else
            {
                push.Stage = PushStage.Withdrawn;
                InFlight.End(push);
                late.Begun.Add(push);
            }
        }
        Pool.Close(connection, why, detail);
    }

    /// <summary>Lets connections go that were only kept for these pushes, which have ended.</summary>
    public void LeaveIfDrained(List<Push> ended)
    {
        foreach (var push in ended)
        {
            Pool.LeaveIfDrained(push.Connection);
        }
    }
}
