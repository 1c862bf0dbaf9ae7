using PushFanout.Apns.Answers;
using PushFanout.Apns.Connections;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Transport;
using PushFanout.Apns.Transport.Http2;
using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Sending;

/// <summary>
/// Brings waiting pushes and free streams together. Whoever makes streams free, by answers or a new connection, gives them to the next
/// pushes; connections take those when they can write them; a tick looks after deadlines. One gate guards all books; connections and listeners are called outside it.
/// </summary>
internal sealed class PushPump : IAsyncDisposable
{
    /// <summary>How late a deadline may be noticed.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    /// <summary>A server that allows no stream for so long is asked again on another connection.</summary>
    private static readonly TimeSpan LongestShut = TimeSpan.FromSeconds(10);

    /// <summary>A provider token refused twice in a row on new connections is refused for good.</summary>
    private const int MaxResends = 2;

    /// <summary>Pushes that one connection gets before it is looked again which has most room.</summary>
    private const int Handful = 64;

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
        inFlight = new PushesInFlight(options, clock);
        congestion = new Congestion(clock);
        pool = new ConnectionPool(credential, options, clock, gate, this);
        timer = clock.CreateTimer(_ => OnTick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

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
                if (list.Urgent)
                {
                    congestion.Hurried();
                }
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

    /// <summary>Gives free streams to waiting pushes.</summary>
    public void Run()
    {
        var authorization = key?.Token.Get();
        while (BeginSome(authorization) is { } connection)
        {
            connection.Wake();
        }
    }

    /// <summary>
    /// A connection is about to write: takes pushes that were given to it, and from now on they count as written. What may not start any more goes back to wait.
    /// </summary>
    /// <param name="room">Bytes that the write buffer has for them.</param>
    /// <param name="window">Bytes of bodies that the server takes; the last push may need more.</param>
    public int Take(ApnsConnection connection, Span<Push> into, int room, long window)
    {
        var count = 0;
        var now = clock.GetTimestamp();
        lock (gate)
        {
            StartLease? running = null;
            while (count < into.Length && connection.Unwritten.TryPeek(out var push))
            {
                if (push.Stage != PushStage.Begun)
                {
                    connection.Unwritten.Dequeue(); // called back
                    continue;
                }
                if (push.List.Starts is { } starts && !ReferenceEquals(starts, running))
                {
                    if (starts.IsOver)
                    {
                        connection.Unwritten.Dequeue();
                        PutBack(push); // begun in time, and then the process stood still
                        continue;
                    }
                    running = starts;
                }
                var body = push.Notification.Payload.Length;
                room -= body + RequestHeaders.MaxBytes;
                if (room < 0 || (window <= 0 && body > 0))
                {
                    break;
                }
                window -= body;
                connection.Unwritten.Dequeue();
                push.Stage = PushStage.Written;
                push.WrittenAt = now;
                into[count++] = push;
            }
        }
        return count;
    }

    /// <summary>A connection is done with these pushes, and does not touch them any more.</summary>
    public void Finished(ReadOnlySpan<Push> pushes)
    {
        foreach (var push in pushes)
        {
            push.Verdict = Verdict.Of(push, clock);
            if (push.Verdict.After == AfterAnswer.RenewTokenAndResend && push.Authorization is { } refused)
            {
                key!.Token.Expired(refused);
            }
        }
        List<Push>? late = null;
        lock (gate)
        {
            var now = clock.GetTimestamp();
            foreach (var push in pushes)
            {
                End(push, now, ref late);
            }
            CompleteIfIdle();
        }
        foreach (var push in pushes)
        {
            if ((push.AfterEnd & AfterEnd.Again) == 0)
            {
                push.List.Deliver(push.Index, push.Verdict.PushAnswer);
            }
        }
        if (late is not null)
        {
            Return(late, ApnsReason.NotHandled);
        }
        pool.Settle();
        Recycle(pushes);
        Run();
    }

    /// <summary>A connection takes no more pushes; those that it has written still get their results.</summary>
    public void Ended(ApnsConnection connection, ApnsConnectionEnd why, string detail)
    {
        List<Push> late = [];
        lock (gate)
        {
            Close(connection, why, detail, late);
            CompleteIfIdle();
        }
        Return(late, ApnsReason.NotHandled);
        pool.Settle();
        Run();
    }

    /// <summary>A server said GOAWAY for the first time on its connection.</summary>
    public void ToldToGo(ErrorCode code)
    {
        lock (gate)
        {
            pool.ToldToGo(code);
        }
    }

    /// <summary>The server allows more or fewer streams from now on.</summary>
    public void StreamLimitChanged(ApnsConnection connection)
    {
        lock (gate)
        {
            connection.LimitChanged();
            while (connection.InFlight > connection.StreamLimit && connection.Unwritten.TryDequeue(out var push))
            {
                if (push.Stage == PushStage.Begun)
                {
                    PutBack(push); // to wait where every connection can take it
                }
            }
        }
        Run();
    }

    /// <summary>Closes a connection that has had nothing to do for long, unless it is the last.</summary>
    public void LetGoIfIdle(ApnsConnection connection)
    {
        lock (gate)
        {
            pool.LetGoIfIdle(connection);
        }
        pool.Settle();
    }

    public async ValueTask DisposeAsync()
    {
        bool first;
        lock (gate)
        {
            first = !stopped;
            stopped = true;
            CompleteIfIdle();
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

    /// <returns>The connection that got some; null when nothing can begin.</returns>
    private Http2Connection? BeginSome(ProviderTokenValue? authorization)
    {
        lock (gate)
        {
            var starved = false;
            foreach (var urgent in (ReadOnlySpan<bool>)[true, false])
            {
                var most = urgent ? int.MaxValue : congestion.Allowed - inFlight.Count;
                if (most <= 0 || waiting.Peek(urgent) is not { } list)
                {
                    continue;
                }
                starved = true;
                if (pool.WithFreeStream(urgent, out var room) is not { } connection)
                {
                    continue;
                }
                var now = clock.GetTimestamp();
                for (var left = Math.Min(Math.Min(room, most), Handful); left > 0 && list is not null; left--)
                {
                    inFlight.Begin(waiting.Take(urgent), connection, authorization, now);
                    list.WaitingSince = now;
                    list = waiting.Peek(urgent);
                }
                return connection.Wire;
            }
            pool.Want(starved);
            return null;
        }
    }

    private void End(Push push, long now, ref List<Push>? late)
    {
        var ordinary = push.Result.End == ExchangeEnd.Answered && push.Stage == PushStage.Written;
        var again = MayGoAgain(push);
        if (ordinary)
        {
            congestion.Answered(clock.GetElapsedTime(push.BegunAt, now), inFlight.Count, now);
        }
        inFlight.End(push);
        Account(push, now, ref late);
        if (again)
        {
            push.List.TakeBack(push, countResend: push.Result.End == ExchangeEnd.Answered);
            waiting.Add(push.List);
        }
        push.AfterEnd = (again ? AfterEnd.Again : AfterEnd.Answer) | (ordinary && push.Result.CanBeUsedAgain ? AfterEnd.Spare : AfterEnd.Answer);
    }

    private void Recycle(ReadOnlySpan<Push> pushes)
    {
        lock (gate)
        {
            foreach (var push in pushes)
            {
                if ((push.AfterEnd & AfterEnd.Spare) != 0)
                {
                    inFlight.Spare(push);
                }
            }
        }
    }

    private void Account(Push push, long now, ref List<Push>? late)
    {
        var connection = push.Connection;
        var verdict = push.Verdict;
        switch (push.Result.End)
        {
            case ExchangeEnd.Answered:
                pool.Answered(connection, verdict.Authenticated, now);
                break;
            case ExchangeEnd.Refused:
                connection.Pacing.Refused(connection.InFlight);
                break;
            case ExchangeEnd.NotSent or ExchangeEnd.Lost:
                break; // the connection says itself when it is gone as a whole
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
                Close(connection, refused ? ApnsConnectionEnd.CredentialRefused : ApnsConnectionEnd.ServerStopping, verdict.PushAnswer.ReasonText, late ??= []);
                break;
        }
        pool.LeaveIfDrained(connection);
    }

    /// <summary>No more pushes for the connection; those that it has not written go back to wait, unless they have waited too long already.</summary>
    private void Close(ApnsConnection connection, ApnsConnectionEnd why, string? detail, List<Push> late)
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
                inFlight.End(push);
                late.Add(push);
            }
        }
        pool.Close(connection, why, detail);
    }

    /// <summary>A push that was not written waits again.</summary>
    private void PutBack(Push push)
    {
        push.Stage = PushStage.Withdrawn;
        inFlight.End(push);
        push.List.TakeBack(push, countResend: false);
        waiting.Add(push.List);
    }

    private bool MayGoAgain(Push push)
    {
        var verdict = push.Verdict;
        var wanted = verdict.PushAnswer.Answer == Answer.Unprocessed
            || (verdict.After is AfterAnswer.ResendElsewhere or AfterAnswer.RenewTokenAndResend && push.Resends < MaxResends);
        return wanted && !push.List.Stopped && clock.GetElapsedTime(push.FirstBegunAt) < options.StartTimeout;
    }

    private void StopWhere(Predicate<PushList> wanted)
    {
        List<(PushList List, int[] Indexes)> returned = [];
        List<Push> withdrawn = [];
        lock (gate)
        {
            foreach (var list in waiting.Remove(wanted))
            {
                list.Stopped = true;
                returned.Add((list, list.TakeRest()));
            }
            inFlight.Withdraw(wanted, withdrawn);
            LeaveIfDrained(withdrawn);
            CompleteIfIdle();
        }
        Return(withdrawn, ApnsReason.Stopped);
        foreach (var (list, indexes) in returned)
        {
            Return(list, indexes, ApnsReason.Stopped);
        }
        pool.Settle();
        Run();
    }

    private void OnTick()
    {
        List<(PushList List, int[] Indexes)> returned = [];
        List<Push> withdrawn = [];
        List<Push> overdue = [];
        ApnsReason reason;
        lock (gate)
        {
            inFlight.TakeLate(withdrawn, overdue);
            foreach (var push in overdue)
            {
                if (push.Connection.LastAnswerAt <= push.WrittenAt)
                {
                    // It may answer PINGs and nothing else.
                    Close(push.Connection, ApnsConnectionEnd.Stalled, "no answer came", withdrawn);
                }
            }
            foreach (var shut in pool.ShutFor(LongestShut))
            {
                Close(shut, ApnsConnectionEnd.Stalled, "the server allows no stream", withdrawn);
            }
            waiting.TakeLate(clock.GetTimestamp() - (long)(options.StartTimeout.TotalSeconds * clock.TimestampFrequency), returned);
            foreach (var list in waiting.Remove(list => clock.GetElapsedTime(list.WaitingSince) >= options.StartTimeout))
            {
                returned.Add((list, list.TakeRest()));
            }
            reason = pool.AnyOpen ? ApnsReason.NotHandled : ApnsReason.NotConnected;
            LeaveIfDrained(withdrawn);
            CompleteIfIdle();
            if (inFlight.Count == 0 && !waiting.Any)
            {
                ticking = false;
                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
        foreach (var push in overdue)
        {
            push.Connection.Wire.GiveUp(push);
        }
        Return(withdrawn, ApnsReason.NotHandled);
        foreach (var (list, indexes) in returned)
        {
            Return(list, indexes, reason);
        }
        pool.Settle();
        Run();
    }

    private void LeaveIfDrained(List<Push> ended)
    {
        foreach (var push in ended)
        {
            pool.LeaveIfDrained(push.Connection);
        }
    }

    private void CompleteIfIdle()
    {
        if (stopped && inFlight.Count == 0)
        {
            idle.TrySetResult();
        }
    }

    private void StartTicking()
    {
        if (!ticking)
        {
            ticking = true;
            timer.Change(Tick, Tick);
        }
    }

    private static void Return(List<Push> unwritten, ApnsReason reason)
    {
        foreach (var push in unwritten)
        {
            push.List.Deliver(push.Index, new PushAnswer(Answer.Unprocessed, reason));
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
