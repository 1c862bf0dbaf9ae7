using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport;
using PushFanout.Apns.Transport.Http2;
using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Connections;

/// <summary>
/// The connections of one client: opens them one at a time, when streams are what is short; replaces those that end, and lets those go that are not needed any more. All members
/// belong to the pump's gate, except <see cref="Settle"/> and disposal.
/// </summary>
internal sealed class ConnectionPool : IAsyncDisposable
{
    // Long enough that a burst does not open a connection that nobody needs a moment later.
    private static readonly TimeSpan ShortFor = TimeSpan.FromMilliseconds(100);

    // Far longer than the pauses between sends: Apple asks for connections that stay.
    private static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(10);

    private readonly ApnsClientOptions options;
    private readonly TimeProvider clock;
    private readonly Lock gate;
    private readonly PushPump pump;
    private readonly ApnsDialer dialer;
    private readonly ConnectBackoff backoff;
    private readonly CpuLoad cpu;
    private readonly List<ApnsConnection> connections = [];
    private readonly Queue<Http2Connection> leaving = new();
    private readonly List<Task> closing = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly ConnectionHistory history;
    private Task opening = Task.CompletedTask;
    private volatile bool unsettled;
    private long? shortSince;

    public ConnectionPool(ApnsCredential credential, ApnsClientOptions options, TimeProvider clock, Lock gate, PushPump pump)
    {
        this.options = options;
        this.clock = clock;
        this.gate = gate;
        this.pump = pump;
        dialer = new ApnsDialer(credential, options);
        backoff = new ConnectBackoff(clock);
        cpu = new CpuLoad(clock);
        history = new ConnectionHistory(options.Endpoint.Authority);
    }

    public bool AnyOpen => connections.Exists(connection => connection.IsOpen);

    /// <summary>
    /// A connection with a free stream. A normal push leaves the urgent reserve alone, and goes first where the credential is
    /// still to be proved, so that a new connection is soon of use.
    /// </summary>
    /// <param name="room">How many pushes it may take now.</param>
    public ApnsConnection? WithFreeStream(bool urgent, out int room)
    {
        ApnsConnection? best = null;
        ApnsConnection? cold = null;
        var bestFree = 0;
        var limit = 0;
        var free = 0;
        foreach (var connection in connections)
        {
            var streams = connection.FreeStreams;
            limit += connection.IsOpen ? connection.StreamLimit : 0;
            free += streams;
            if (streams > 0 && !connection.Pacing.WarmedUp)
            {
                cold = connection;
            }
            else if (streams > bestFree)
            {
                best = connection;
                bestFree = streams;
            }
        }
        if (cold is not null && (!urgent || best is null))
        {
            room = 1;
            return cold;
        }
        room = urgent ? bestFree : Math.Min(bestFree, free - (limit * options.UrgentReservePercent / 100));
        return room > 0 ? best : null;
    }

    /// <summary>Pushes wait and nothing has a free stream for them: opens one more connection if that would help and may be done now.</summary>
    /// <param name="starved">False once nothing waits any more.</param>
    public void Want(bool starved)
    {
        if (!starved)
        {
            shortSince = null;
            return;
        }
        shortSince ??= clock.GetTimestamp();
        if (opening.IsCompleted && !stopping.IsCancellationRequested && backoff.MayConnect && OneMoreHelps())
        {
            opening = Task.Run(OpenAsync, CancellationToken.None);
        }
    }

    public void Close(ApnsConnection connection, ApnsConnectionEnd why, string? detail = null)
    {
        if (!connection.IsOpen)
        {
            return;
        }
        connection.Close(why);
        history.Closed(why, detail);
        unsettled = true;
        if (!connection.WasUseful && why is not (ApnsConnectionEnd.Disposed or ApnsConnectionEnd.Idle))
        {
            backoff.Failed();
        }
        LeaveIfDrained(connection);
    }

    /// <summary>One stays open, so that the next push need not wait for a handshake.</summary>
    public void LetGoIfIdle(ApnsConnection connection)
    {
        if (connection.InFlight == 0
            && clock.GetElapsedTime(connection.LastAnswerAt) >= IdleFor
            && connections.Exists(other => other.IsOpen && !ReferenceEquals(other, connection)))
        {
            Close(connection, ApnsConnectionEnd.Idle);
        }
    }

    public void ToldToGo(ErrorCode code) => history.ToldToGo(code);

    public void Answered(ApnsConnection connection, bool authenticated, long now)
    {
        connection.Answered(authenticated, now);
        if (authenticated)
        {
            backoff.Useful();
        }
    }

    /// <summary>Connections on which the server has allowed no stream for this long.</summary>
    public IEnumerable<ApnsConnection> ShutFor(TimeSpan time) =>
        connections.Where(connection => connection.IsOpen && connection.ShutSince is { } since && clock.GetElapsedTime(since) >= time).ToArray();

    /// <summary>Lets a closed connection go once its last push has ended.</summary>
    public void LeaveIfDrained(ApnsConnection connection)
    {
        if (!connection.IsOpen && connection.InFlight == 0 && connections.Remove(connection))
        {
            leaving.Enqueue(connection.Wire);
            unsettled = true;
        }
    }

    /// <summary>Does what must not be done under the gate: closes what is drained, tells what happened.</summary>
    public void Settle()
    {
        while (unsettled)
        {
            Http2Connection[] drained;
            ApnsConnectionEvent? happened;
            lock (gate)
            {
                drained = [.. leaving];
                leaving.Clear();
                happened = history.NextUntold();
                unsettled = history.HasUntold;
            }
            foreach (var connection in drained) // all of them first: a listener that throws must keep none open
            {
                LeaveBehind(connection.DisposeAsync().AsTask());
            }
            if (happened is not null)
            {
                options.OnConnectionEvent?.Invoke(happened);
            }
        }
    }

    public ApnsClientStatistics Statistics(int inFlight) => new()
    {
        ConnectionsOpen = connections.Count(connection => connection.IsOpen),
        ConnectionsOpened = history.Connected,
        ConnectFailures = history.Failures,
        ConnectionsClosed = history.Ends,
        LastConnectError = history.LastError,
        GoAways = history.GoAways,
        PushesInFlight = inFlight,
        StreamLimit = connections.Where(connection => connection.IsOpen).Sum(connection => connection.StreamLimit),
        Connections = [.. connections.Where(connection => connection.IsOpen).Select(connection => new ApnsConnectionStatistics(connection.Place, connection.InFlight, connection.StreamLimit))],
    };

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        Task dialling;
        lock (gate)
        {
            dialling = opening;
        }
        try
        {
            await dialling;
        }
        finally
        {
            await CloseAllAsync();
            stopping.Dispose();
        }
    }

    private async Task CloseAllAsync()
    {
        lock (gate)
        {
            foreach (var connection in connections.ToArray())
            {
                Close(connection, ApnsConnectionEnd.Disposed);
            }
        }
        try
        {
            Settle();
        }
        finally
        {
            Task[] last;
            lock (gate)
            {
                last = [.. closing];
            }
            await Task.WhenAll(last);
        }
    }

    private bool OneMoreHelps()
    {
        var open = 0;
        foreach (var connection in connections)
        {
            if (connection.IsOpen && (!connection.Pacing.WarmedUp || connection.IsSlowedDown))
            {
                return false;
            }
            open += connection.IsOpen ? 1 : 0;
        }
        return open == 0 || (open < options.MaxConnections && clock.GetElapsedTime(shortSince!.Value) >= ShortFor && !cpu.IsFull);
    }

    private async Task OpenAsync()
    {
        var dialled = await dialer.DialAsync(clock, stopping.Token);
        lock (gate)
        {
            if (stopping.IsCancellationRequested)
            {
                dialled.Connection?.Stream.Dispose(); // nobody wants it any more, which is no failure
            }
            else if (dialled.Connection is { } made)
            {
                Add(made);
            }
            else
            {
                Failed(dialled.Fault!);
            }
        }
        Settle();
        pump.Run();
    }

    private void Add(Dialled dialled)
    {
        var connection = new ApnsConnection(options.MaxStreamsPerConnection, clock) { Place = FreePlace() };
        connection.Wire = new Http2Connection(dialled, pump, connection, options, clock);
        connections.Add(connection);
        backoff.Opened();
        history.Opened();
        unsettled = true;
    }

    /// <summary>The least that no open connection has; so there are never more places than connections at a time.</summary>
    private int FreePlace()
    {
        var place = 0;
        while (connections.Exists(connection => connection.IsOpen && connection.Place == place))
        {
            place++;
        }
        return place;
    }

    private void Failed(string why)
    {
        backoff.Failed();
        history.Failed(why);
        unsettled = true;
    }

    /// <summary>Closing takes a moment, and nobody waits for it but the end of the client.</summary>
    private void LeaveBehind(Task closed)
    {
        lock (gate)
        {
            closing.RemoveAll(task => task.IsCompleted);
            closing.Add(closed);
        }
    }
}
