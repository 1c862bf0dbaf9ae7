namespace PushFanout.Apns.Sending;

/// <summary>A tick that looks after deadlines while there are pushes: those of starts, of answers, and of servers that allow no stream.</summary>
internal sealed class PushDeadlines : IAsyncDisposable
{
    /// <summary>How late a deadline may be noticed.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    /// <summary>A server that allows no stream for so long is asked again on another connection.</summary>
    private static readonly TimeSpan LongestShut = TimeSpan.FromSeconds(10);

    private readonly PushPump pump;
    private readonly PushBooks books;
    private readonly ApnsClientOptions options;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private bool ticking;

    public PushDeadlines(PushPump pump, PushBooks books, ApnsClientOptions options, TimeProvider clock)
    {
        this.pump = pump;
        this.books = books;
        this.options = options;
        this.clock = clock;
        timer = clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>There are pushes again. Belongs to the gate.</summary>
    public void Watch()
    {
        if (!ticking)
        {
            ticking = true;
            timer.Change(Tick, Tick);
        }
    }

    public ValueTask DisposeAsync() => timer.DisposeAsync();

    private void Look()
    {
        var unsent = new UnsentPushes();
        List<Push> overdue = [];
        ApnsReason whyWaiting;
        lock (books.Gate)
        {
            TakeLate(unsent, overdue);
            whyWaiting = books.Pool.AnyOpen ? ApnsReason.NotHandled : ApnsReason.NotConnected;
            books.LeaveIfDrained(unsent.Begun);
            books.CompleteIfIdle();
            RestIfNothingIsLeft();
        }
        foreach (var push in overdue)
        {
            push.Connection.Wire.GiveUp(push);
        }
        unsent.GiveBack(begun: ApnsReason.NotHandled, whyWaiting);
        books.Pool.Settle();
        pump.Run();
    }

    private void TakeLate(UnsentPushes unsent, List<Push> overdue)
    {
        books.InFlight.TakeLate(unsent.Begun, overdue);
        foreach (var push in overdue)
        {
            if (push.Connection.LastAnswerAt <= push.WrittenAt)
            {
                // It may answer PINGs and nothing else.
                books.Close(push.Connection, ApnsConnectionEnd.Stalled, "no answer came", unsent);
            }
        }
        foreach (var stuck in unsent.Begun.Where(WasStuck).Select(push => push.Connection).Distinct().ToArray())
        {
            // It may answer PINGs and never widen the window: the next pushes would only wait there as well.
            books.Close(stuck, ApnsConnectionEnd.Stalled, "nothing could be written", unsent);
        }
        foreach (var shut in books.Pool.ShutFor(LongestShut))
        {
            books.Close(shut, ApnsConnectionEnd.Stalled, "the server allows no stream", unsent);
        }
        books.Waiting.TakeLate(clock.GetTimestamp() - (long)(options.StartTimeout.TotalSeconds * clock.TimestampFrequency), unsent.Waiting);
        foreach (var list in books.Waiting.Remove(list => clock.GetElapsedTime(list.WaitingSince) >= options.StartTimeout))
        {
            unsent.Waiting.Add((list, list.TakeRest()));
        }
    }

    /// <summary>Whether its connection has done nothing since it got the push. One that waits for its first SETTINGS is the business of its watch.</summary>
    private static bool WasStuck(Push withdrawn) =>
        withdrawn.Connection.LastAnswerAt <= withdrawn.BegunAt && withdrawn.Connection.Wire.States.PeerLimit is not null;

    private void RestIfNothingIsLeft()
    {
        if (books.InFlight.Count == 0 && !books.Waiting.Any)
        {
            ticking = false;
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
