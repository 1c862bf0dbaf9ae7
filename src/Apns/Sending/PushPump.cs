using PushFanout.Apns.Connections;
using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Sending;

/// <summary>
/// Brings waiting pushes and free streams together. Whoever makes streams free, by answers or a new connection, gives them to the next
/// pushes; connections take those when they can write them.
/// </summary>
internal sealed class PushPump : IAsyncDisposable
{
    private readonly TimeProvider clock;
    private readonly ProviderTokenKey? key;
    private readonly PushBooks books;
    private readonly PushStarts starts;
    private readonly FinishedPushes finished;
    private readonly PushDeadlines deadlines;
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PushPump(ApnsCredential credential, ApnsClientOptions options, TimeProvider clock)
    {
        this.clock = clock;
        key = credential as ProviderTokenKey;
        books = new PushBooks(this, credential, options, clock);
        starts = new PushStarts(books, clock);
        finished = new FinishedPushes(books, key, options, clock);
        deadlines = new PushDeadlines(this, books, options, clock);
    }

    public ApnsClientStatistics Statistics
    {
        get
        {
            lock (books.Gate)
            {
                return books.Pool.Statistics(books.InFlight.Count);
            }
        }
    }

    /// <summary>Takes a list; from here on every token of it will be answered.</summary>
    public void Submit(PushList list)
    {
        UnsentPushes? refused = null;
        lock (books.Gate)
        {
            list.Submitted = true;
            list.Stopped |= books.Stopped;
            list.WaitingSince = clock.GetTimestamp();
            if (list.Stopped)
            {
                refused = new UnsentPushes { Waiting = { (list, list.TakeRest()) } };
            }
            else
            {
                if (list.Urgent)
                {
                    books.Congestion.Hurried();
                }
                books.Waiting.Add(list);
                deadlines.Watch();
            }
        }
        refused?.GiveBack(ApnsReason.Stopped, ApnsReason.Stopped);
        Run();
    }

    /// <summary>Nothing more of the list is written; what was written still gets its answer.</summary>
    public void Stop(PushList list)
    {
        lock (books.Gate)
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
        while (starts.Begin(authorization) is { } connection)
        {
            connection.Wake();
        }
    }

    /// <summary>A connection is about to write: the pushes that it gets count as written from now on. See <see cref="PushStarts.Take"/>.</summary>
    public int Take(ApnsConnection connection, Span<Push> into, int room, long window) => starts.Take(connection, into, room, window);

    /// <summary>A connection is done with these pushes, and does not touch them any more.</summary>
    public void Finished(ReadOnlySpan<Push> pushes)
    {
        finished.Take(pushes);
        Run();
    }

    /// <summary>A connection takes no more pushes; those that it has written still get their results.</summary>
    public void Ended(ApnsConnection connection, ApnsConnectionEnd why, string detail)
    {
        var late = new UnsentPushes();
        lock (books.Gate)
        {
            books.Close(connection, why, detail, late);
            books.CompleteIfIdle();
        }
        late.GiveBack(ApnsReason.NotHandled, ApnsReason.NotHandled);
        books.Pool.Settle();
        Run();
    }

    /// <summary>A server said GOAWAY for the first time on its connection.</summary>
    public void ToldToGo(ErrorCode code)
    {
        lock (books.Gate)
        {
            books.Pool.ToldToGo(code);
        }
    }

    /// <summary>The server allows more or fewer streams from now on.</summary>
    public void StreamLimitChanged(ApnsConnection connection)
    {
        lock (books.Gate)
        {
            connection.LimitChanged();
            while (connection.InFlight > connection.StreamLimit && connection.Unwritten.TryDequeue(out var push))
            {
                if (push.Stage == PushStage.Begun)
                {
                    books.PutBack(push);
                }
            }
        }
        Run();
    }

    /// <summary>Closes a connection that has had nothing to do for long, unless it is the last.</summary>
    public void LetGoIfIdle(ApnsConnection connection)
    {
        lock (books.Gate)
        {
            books.Pool.LetGoIfIdle(connection);
        }
        books.Pool.Settle();
    }

    public async ValueTask DisposeAsync()
    {
        bool first;
        lock (books.Gate)
        {
            first = books.TryStop();
        }
        if (!first)
        {
            await closed.Task;
            return;
        }
        try
        {
            StopWhere(_ => true);
        }
        finally
        {
            await books.Idle; // each push is answered or past its deadline
            await CloseAsync();
        }
    }

    private async Task CloseAsync()
    {
        try
        {
            await books.Pool.DisposeAsync();
        }
        finally
        {
            await deadlines.DisposeAsync();
            closed.SetResult();
        }
    }

    private void StopWhere(Predicate<PushList> wanted)
    {
        var unsent = new UnsentPushes();
        lock (books.Gate)
        {
            foreach (var list in books.Waiting.Remove(wanted))
            {
                list.Stopped = true;
                unsent.Waiting.Add((list, list.TakeRest()));
            }
            books.InFlight.Withdraw(wanted, unsent.Begun);
            books.LeaveIfDrained(unsent.Begun);
            books.CompleteIfIdle();
        }
        unsent.GiveBack(ApnsReason.Stopped, ApnsReason.Stopped);
        books.Pool.Settle();
        Run();
    }
}
