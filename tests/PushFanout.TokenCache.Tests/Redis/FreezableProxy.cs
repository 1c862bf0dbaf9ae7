using System.Net;
using System.Net.Sockets;

namespace PushFanout.TokenCache.Tests.Redis;

/// <summary>
/// A TCP relay on loopback whose open connections can go silent without being closed, as when a firewall forgets them: new
/// connections still pass.
/// </summary>
internal sealed class FreezableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private CancellationTokenSource _frozen = new();

    public FreezableProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Endpoint => _listener.LocalEndpoint.ToString()!;

    public void FreezeOpenConnections() => Interlocked.Exchange(ref _frozen, new CancellationTokenSource()).Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private async Task AcceptAsync()
    {
        List<Task> relays = [];
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token), _frozen.Token));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(TcpClient client, CancellationToken frozen)
    {
        using var server = new TcpClient();
        using (client)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(frozen, _stop.Token);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, end.Token);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), end.Token),
                    server.GetStream().CopyToAsync(client.GetStream(), end.Token));
                if (frozen.IsCancellationRequested)
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token); // open and silent
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
            {
                // Either side is gone, and with it the relay.
            }
        }
    }
}
