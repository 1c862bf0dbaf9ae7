using PushFanout.Apns.Answers;
using PushFanout.Apns.Connections;
using PushFanout.Apns.Transport;

namespace PushFanout.Apns.Sending;

/// <summary>
/// Brings waiting pushes and free streams together. Whoever makes a stream free, by an answer or a new connection, starts the next
/// push on it; a tick looks after deadlines. One gate guards all books; transports and listeners are called outside it.
/// </summary>
internal sealed class PushPump : IAsyncDisposable
{
    /// <summary>How late a deadline may be noticed.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    /// <summary>A provider token refused twice in a row on new connections is refused for good.</summary>
    private const int MaxResends = 2;

    [ThreadStatic]
    private static bool running;

    private readonly Lock gate = new();
    private readonly ApnsClientOptions options;
    private readonly TimeProvider clock;
    private readonly ProviderTokenKey? key;
    private readonly ConnectionPool pool;
    private readonly WaitingLists waiting = new();
    private readonly PushesInFlight inFlight;
    private readonly Congestion congestion;
    private readonly ITimer timer;
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool ticking;
    private bool stopped;

    public PushPump(ApnsCredential credential, ApnsClientOptions options, TimeProvider clock)
    {
        this.options = options;
        this.clock = clock;
        key = credential as ProviderTokenKey;
        inFlight = new PushesInFlight(this, options, clock);
        congestion = new Congestion(clock);
        pool = new ConnectionPool(credential, options, clock, gate, Run);
        timer = clock.CreateTimer(_ => OnTick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Timestamp => clock.GetTimestamp();

    public ApnsClientStatistics Statistics
    {
        get
        {
            lock (gate)
            {
                return pool.Statistics(inFlight.Count);
            }
        }
    }

    /// <summary>Takes a list; from here on every token of it will be answered.</summary>
    public void Submit(PushList list)
    {
        int[] refused = [];
        lock (gate)
        {
            list.Submitted = true;
            list.Stopped |= stopped;
            list.WaitingSince = clock.GetTimestamp();
            if (list.Stopped)
            {
                refused = list.TakeRest();
            }
            else
            {
                waiting.Add(list);
                StartTicking();
            }
        }
        Return(list, refused, ApnsReason.Stopped);
        Run();
    }

    /// <summary>Nothing more of the list is written; what was written still gets its answer.</summary>
    public void Stop(PushList list)
    {
        lock (gate)
        {
            if (list.Stopped || !list.Submitted)
            {
                list.Stopped = true;
                return;
            }
        }
        StopWhere(candidate => ReferenceEquals(candidate, list));
    }

    /// <summary>The transport asks before it writes; see <see cref="Push.TryStartWriting"/>.</summary>
    public bool TryStartWriting(Push push)
    {
        bool mayWrite;
        bool madeRoom;
        lock (gate)
        {
            mayWrite = inFlight.TryWrite(push, out madeRoom);
        }
        if (madeRoom)
        {
            Run();
        }
        return mayWrite;
    }

    /// <summary>The transport is done; see <see cref="Push.Finish"/>.</summary>
    public bool Finished(Push push, in ExchangeResult result)
    {
        var verdict = Verdict.Of(push, result, clock);
        var list = push.List;
        var index = push.Index;
        var connection = push.Connection;
        bool ordinary;
        bool again;
        if (verdict.After == AfterAnswer.RenewTokenAndResend && push.Authorization is { } refused)
        {
            key!.Token.Expired(refused);
        }
        lock (gate)
        {
            ordinary = result.End == ExchangeEnd.Answered && push.Stage == PushStage.Written;
            again = MayGoAgain(push, verdict);
            if (ordinary)
            {
                congestion.Answered(clock.GetElapsedTime(push.BegunAt), inFlight.Count);
            }
            inFlight.End(push, ordinary);
            Account(connection, result.End, verdict);
            if (again)
            {
                list.TakeBack(push, countResend: result.End == ExchangeEnd.Answered);
                waiting.Add(list);
            }
            if (stopped && inFlight.Count == 0)
            {
                idle.TrySetResult();
            }
        }
        if (!again)
        {
            list.Deliver(index, verdict.PushAnswer);
        }
        pool.Settle();
        Run();
        return ordinary;
    }

    public async ValueTask DisposeAsync()
    {
        bool first;
        lock (gate)
        {
            first = !stopped;
            stopped = true;
            if (inFlight.Count == 0)
            {
                idle.TrySetResult();
            }
        }
        if (!first)
        {
            await closed.Task;
            return;
        }
        StopWhere(_ => true);
        await idle.Task; // each push is answered or past its deadline
        await pool.DisposeAsync();
        await timer.DisposeAsync();
        closed.SetResult();
    }

    /// <summary>Starts pushes while there are streams. A transport that calls back on the same thread does not start a second round.</summary>
    private void Run()
    {
        if (running)
        {
            return;
        }
        running = true;
        try
        {
            while (TryBegin(out var push))
            {
                push.Authorization = key?.Token.Get();
                push.Connection.Transport.Begin(push);
            }
        }
        finally
        {
            running = false;
        }
    }

    private bool TryBegin([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Push? push)
    {
        push = null;
        lock (gate)
        {
            var starved = false;
            foreach (var urgent in (ReadOnlySpan<bool>)[true, false])
            {
                if (waiting.Peek(urgent) is not { } list || (!urgent && inFlight.Count >= congestion.Limit))
                {
                    continue;
                }
                starved = true;
                if (pool.WithFreeStream(urgent) is { } connection)
                {
                    push = inFlight.Begin(waiting.Take(urgent), connection);
                    list.WaitingSince = push.BegunAt;
                    return true;
                }
            }
            pool.Want(starved);
            return false;
        }
    }

    private void Account(ApnsConnection connection, ExchangeEnd end, in Verdict verdict)
    {
        switch (end)
        {
            case ExchangeEnd.Answered:
                pool.Answered(connection, verdict.Authenticated);
                break;
            case ExchangeEnd.Refused:
                connection.Pacing.Refused(connection.InFlight);
                break;
            case ExchangeEnd.NotSent or ExchangeEnd.Lost:
                break; // the transport says itself when the whole connection is gone
        }
        var refused = verdict.PushAnswer.Answer == Answer.CredentialRefused && !verdict.Authenticated;
        if (refused)
        {
            connection.Pacing.CredentialRefused();
        }
        switch (verdict.After)
        {
            case AfterAnswer.GoOn:
                break;
            case AfterAnswer.ReplaceConnection or AfterAnswer.ResendElsewhere or AfterAnswer.RenewTokenAndResend:
                pool.Close(connection, refused ? ApnsConnectionEnd.CredentialRefused : ApnsConnectionEnd.ServerStopping);
                break;
        }
        pool.LeaveIfDrained(connection);
    }

    private bool MayGoAgain(Push push, in Verdict verdict)
    {
        var wanted = verdict.PushAnswer.Answer == Answer.Unprocessed
            || (verdict.After is AfterAnswer.ResendElsewhere or AfterAnswer.RenewTokenAndResend && push.Resends < MaxResends);
        return wanted
            && !push.List.Stopped
            && push.Stage != PushStage.Withdrawn
            && clock.GetElapsedTime(push.FirstBegunAt) < options.StartTimeout;
    }

    private void StopWhere(Predicate<PushList> wanted)
    {
        List<(PushList List, int[] Indexes)> returned = [];
        List<Push> withdrawn;
        lock (gate)
        {
            foreach (var list in waiting.Remove(wanted))
            {
                list.Stopped = true;
                returned.Add((list, list.TakeRest()));
            }
            withdrawn = inFlight.Withdraw(wanted);
        }
        GiveUp(withdrawn);
        foreach (var (list, indexes) in returned)
        {
            Return(list, indexes, ApnsReason.Stopped);
        }
    }

    private void OnTick()
    {
        List<(PushList List, int[] Indexes)> returned = [];
        List<Push> late;
        ApnsReason reason;
        lock (gate)
        {
            late = inFlight.TakeLate();
            foreach (var push in late)
            {
                if (push.Stage == PushStage.Overdue && push.Connection.LastAnswerAt <= push.WrittenAt)
                {
                    // Pings do not tell: a connection at its stream limit has been seen to send none.
                    pool.Close(push.Connection, ApnsConnectionEnd.Stalled);
                }
            }
            foreach (var list in waiting.Remove(list => clock.GetElapsedTime(list.WaitingSince) >= options.StartTimeout))
            {
                returned.Add((list, list.TakeRest()));
            }
            reason = pool.AnyOpen ? ApnsReason.NotHandled : ApnsReason.NotConnected;
            if (inFlight.Count == 0 && !waiting.Any)
            {
                ticking = false;
                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
        GiveUp(late);
        foreach (var (list, indexes) in returned)
        {
            Return(list, indexes, reason);
        }
        pool.Settle();
        Run();
    }

    private void StartTicking()
    {
        if (!ticking)
        {
            ticking = true;
            timer.Change(Tick, Tick);
        }
    }

    private static void GiveUp(List<Push> pushes)
    {
        foreach (var push in pushes)
        {
            push.Connection.Transport.GiveUp(push);
        }
    }

    private static void Return(PushList list, int[] indexes, ApnsReason reason)
    {
        foreach (var index in indexes)
        {
            list.Deliver(index, new PushAnswer(Answer.Unprocessed, reason));
        }
    }
}
