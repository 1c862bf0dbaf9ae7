using System.Net;
using System.Net.Sockets;

namespace PushFanout.Testing;

/// <summary>Which way bytes go through a <see cref="FaultProxy"/>.</summary>
[Flags]
public enum Directions
{
    /// <summary>Neither.</summary>
    None = 0,
    /// <summary>From the client to the server.</summary>
    ToServer = 1,
    /// <summary>From the server to the client.</summary>
    ToClient = 2,
    /// <summary>Both.</summary>
    Both = ToServer | ToClient,
}

/// <summary>
/// A TCP relay on loopback that breaks as networks do: slow, reset, or open and silent in one direction or both, as when a
/// firewall forgets a connection. A fault strikes the connections that are open; new ones pass, unless <see cref="Refuses"/>.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Relay> _relays = [];
    private readonly int _target;
    private readonly Task _accepting;

    /// <summary>Starts to relay to a port on loopback.</summary>
    public FaultProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The same as <c>127.0.0.1:port</c>.</summary>
    public string Endpoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>What every read from either side waits before it is passed on.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Whether new connections are closed as soon as they are open.</summary>
    public bool Refuses { get; set; }

    /// <summary>How much the connections that are open now have passed to the server.</summary>
    public long BytesToServer => Open().Sum(relay => relay.BytesToServer);

    /// <summary>Open connections stay open, and nothing passes any more in these directions; nothing is read there either.</summary>
    public void Silence(Directions directions = Directions.Both)
    {
        foreach (var relay in Open())
        {
            relay.Silence(directions);
        }
    }

    /// <summary>Ends open connections with a TCP reset on both sides.</summary>
    public void Reset()
    {
        foreach (var relay in Open())
        {
            relay.Reset();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private Relay[] Open()
    {
        lock (_gate)
        {
            return [.. _relays];
        }
    }

    private async Task AcceptAsync()
    {
        List<Task> running = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
                if (Refuses)
                {
                    client.Dispose();
                    continue;
                }
                running.RemoveAll(relay => relay.IsCompleted);
                running.Add(RunAsync(new Relay(client, this)));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(Relay relay)
    {
        lock (_gate)
        {
            _relays.Add(relay);
        }
        try
        {
            await relay.RunAsync(_target, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _relays.Remove(relay);
            }
            relay.Dispose();
        }
    }

    private sealed class Relay(TcpClient client, FaultProxy proxy) : IDisposable
    {
        private readonly TcpClient _server = new() { NoDelay = true };
        private volatile int _silent;
        private volatile bool _reset;
        private long _bytesToServer;

        public long BytesToServer => Interlocked.Read(ref _bytesToServer);

        public void Silence(Directions directions) => _silent |= (int)directions;

        public void Reset()
        {
            _reset = true;
            foreach (var end in (TcpClient[])[client, _server])
            {
                try
                {
                    end.Client?.Close(timeout: 0); // no lingering: a reset, not a goodbye
                }
                catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
                {
                    // It closed by itself in the meantime.
                }
            }
        }

        public async Task RunAsync(int target, CancellationToken stop)
        {
            try
            {
                client.NoDelay = true;
                await _server.ConnectAsync(IPAddress.Loopback, target, stop).ConfigureAwait(false);
                using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
                var pumps = new[]
                {
                    PumpAsync(client.GetStream(), _server.GetStream(), Directions.ToServer, end.Token),
                    PumpAsync(_server.GetStream(), client.GetStream(), Directions.ToClient, end.Token),
                };
                await Task.WhenAny(pumps).ConfigureAwait(false);
                await end.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(pumps).ConfigureAwait(false);
            }
            catch (Exception gone) when (gone is OperationCanceledException or SocketException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // Either side is gone, and with it the relay.
            }
        }

        public void Dispose()
        {
            if (_reset)
            {
                Reset(); // one side fell first and ended the relay: the other is not to get a goodbye
            }
            client.Dispose();
            _server.Dispose();
        }

        private async Task PumpAsync(NetworkStream from, NetworkStream to, Directions direction, CancellationToken end)
        {
            var buffer = new byte[64 * 1024];
            while (true)
            {
                var length = await from.ReadAsync(buffer, end).ConfigureAwait(false);
                if (proxy.Latency > TimeSpan.Zero)
                {
                    await Task.Delay(proxy.Latency, end).ConfigureAwait(false);
                }
                if ((_silent & (int)direction) != 0)
                {
                    await Task.Delay(Timeout.Infinite, end).ConfigureAwait(false); // open and silent, whatever the other side does
                }
                if (length == 0)
                {
                    return;
                }
                await to.WriteAsync(buffer.AsMemory(0, length), end).ConfigureAwait(false);
                if (direction == Directions.ToServer)
                {
                    Interlocked.Add(ref _bytesToServer, length);
                }
            }
        }
    }
}
