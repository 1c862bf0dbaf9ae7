using PushFanout.Apns.Transport;
using PushFanout.Apns.Transport.Http;

namespace PushFanout.Apns.Connections;

/// <summary>
/// The connections of one client: opens them one at a time, when streams are what is short; replaces those that end. All members
/// belong to the pump's gate, except <see cref="Settle"/> and disposal.
/// </summary>
internal sealed class ConnectionPool : IAsyncDisposable
{
    // Long enough that a burst does not open a connection that nobody needs a moment later.
    private static readonly TimeSpan ShortFor = TimeSpan.FromMilliseconds(100);

    private readonly ApnsClientOptions options;
    private readonly TimeProvider clock;
    private readonly Lock gate;
    private readonly Action changed;
    private readonly ApnsDialer dialer;
    private readonly ConnectBackoff backoff;
    private readonly CpuLoad cpu;
    private readonly List<ApnsConnection> connections = [];
    private readonly Queue<ApnsConnectionEvent> events = new();
    private readonly Queue<ApnsTransport> leaving = new();
    private readonly long[] closed = new long[Enum.GetValues<ApnsConnectionEnd>().Length];
    private readonly CancellationTokenSource stopping = new();
    private readonly string endpoint;
    private Task opening = Task.CompletedTask;
    private volatile bool unsettled;
    private long? shortSince;
    private long opened;
    private long failures;
    private string? lastError;

    /// <param name="changed">Called without the gate when there may be streams that were not there before.</param>
    public ConnectionPool(ApnsCredential credential, ApnsClientOptions options, TimeProvider clock, Lock gate, Action changed)
    {
        this.options = options;
        this.clock = clock;
        this.gate = gate;
        this.changed = changed;
        dialer = new ApnsDialer(credential, options);
        backoff = new ConnectBackoff(clock);
        cpu = new CpuLoad(clock);
        endpoint = options.Endpoint.Authority;
    }

    public bool AnyOpen => connections.Exists(connection => connection.IsOpen);

    /// <summary>
    /// A connection with a free stream. A normal push leaves the urgent reserve alone, and goes first where the credential is
    /// still to be proved, so that a new connection is soon of use.
    /// </summary>
    public ApnsConnection? WithFreeStream(bool urgent)
    {
        ApnsConnection? best = null;
        ApnsConnection? cold = null;
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
            else if (streams > (best?.FreeStreams ?? 0))
            {
                best = connection;
            }
        }
        if (urgent)
        {
            return best ?? cold;
        }
        return cold ?? (free > limit * options.UrgentReservePercent / 100 ? best : null);
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

    public void Close(ApnsConnection connection, ApnsConnectionEnd why)
    {
        if (!connection.IsOpen)
        {
            return;
        }
        connection.Close(why);
        closed[(int)why]++;
        Tell(new ApnsConnectionEvent(ApnsConnectionEventKind.Closed, endpoint, why));
        if (!connection.WasUseful && why != ApnsConnectionEnd.Disposed)
        {
            backoff.Failed();
        }
        LeaveIfDrained(connection);
    }

    public void Answered(ApnsConnection connection, bool authenticated)
    {
        connection.Answered(authenticated);
        if (authenticated)
        {
            backoff.Useful();
        }
    }

    /// <summary>Lets a closed connection go once its last push has ended.</summary>
    public void LeaveIfDrained(ApnsConnection connection)
    {
        if (!connection.IsOpen && connection.InFlight == 0 && connections.Remove(connection))
        {
            leaving.Enqueue(connection.Transport);
            unsettled = true;
        }
    }

    /// <summary>Does what must not be done under the gate: closes what is drained, tells what happened.</summary>
    public void Settle()
    {
        while (unsettled)
        {
            ApnsTransport? transport;
            ApnsConnectionEvent? happened;
            lock (gate)
            {
                leaving.TryDequeue(out transport);
                events.TryDequeue(out happened);
                unsettled = leaving.Count + events.Count > 0;
            }
            transport?.Dispose();
            if (happened is not null)
            {
                options.OnConnectionEvent?.Invoke(happened);
            }
        }
    }

    public ApnsClientStatistics Statistics(int inFlight) => new()
    {
        ConnectionsOpen = connections.Count(connection => connection.IsOpen),
        ConnectionsOpened = opened,
        ConnectFailures = failures,
        ConnectionsClosed = Enum.GetValues<ApnsConnectionEnd>().Where(end => closed[(int)end] > 0).ToDictionary(end => end, end => closed[(int)end]),
        PushesInFlight = inFlight,
        StreamLimit = connections.Where(connection => connection.IsOpen).Sum(connection => connection.StreamLimit),
        LastConnectError = lastError,
    };

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        Task last;
        lock (gate)
        {
            last = opening;
        }
        await last;
        lock (gate)
        {
            foreach (var connection in connections.ToArray())
            {
                Close(connection, ApnsConnectionEnd.Disposed);
            }
        }
        Settle();
        stopping.Dispose();
    }

    private bool OneMoreHelps()
    {
        var open = 0;
        foreach (var connection in connections)
        {
            if (connection.IsOpen && !connection.Pacing.WarmedUp)
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
            if (dialled.Stream is { } stream && !stopping.IsCancellationRequested)
            {
                Add(new HttpTransport(stream, options.Endpoint, clock));
            }
            else
            {
                dialled.Stream?.Dispose();
                Failed(dialled.Fault ?? "the client was stopped");
            }
        }
        Settle();
        changed();
    }

    private void Add(ApnsTransport transport)
    {
        var connection = new ApnsConnection(transport, options.MaxStreamsPerConnection, clock);
        transport.Ended = () =>
        {
            lock (gate)
            {
                Close(connection, ApnsConnectionEnd.Lost);
            }
            Settle();
            changed();
        };
        connections.Add(connection);
        opened++;
        lastError = null;
        backoff.Opened();
        Tell(new ApnsConnectionEvent(ApnsConnectionEventKind.Opened, endpoint));
    }

    private void Failed(string why)
    {
        failures++;
        lastError = why;
        backoff.Failed();
        Tell(new ApnsConnectionEvent(ApnsConnectionEventKind.ConnectFailed, endpoint, Detail: why));
    }

    private void Tell(ApnsConnectionEvent happened)
    {
        events.Enqueue(happened);
        unsettled = true;
    }
}
