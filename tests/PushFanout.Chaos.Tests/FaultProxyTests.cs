using System.Net;
using System.Net.Sockets;
using PushFanout.Testing;

namespace PushFanout.Chaos.Tests;

public sealed class FaultProxyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Bytes_pass_both_ways_and_an_end_is_passed_on()
    {
        await using var bed = new Bed();
        var (client, server) = await bed.ConnectAsync();
        await AssertPassesAsync(client, server);
        await AssertPassesAsync(server, client);
        client.Dispose();
        Assert.Equal(0, await server.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
    }

    [Theory]
    [InlineData(Directions.ToServer)]
    [InlineData(Directions.ToClient)]
    public async Task A_silent_direction_passes_nothing_and_the_other_goes_on(Directions silent)
    {
        await using var bed = new Bed();
        var (client, server) = await bed.ConnectAsync();
        bed.Proxy.Silence(silent);
        var (mute, heard) = silent == Directions.ToServer ? (client, server) : (server, client);
        await AssertPassesAsync(heard, mute);
        await AssertHearsNothingAsync(mute, heard);
    }

    [Fact]
    public async Task A_silent_connection_stays_open_and_a_new_one_passes()
    {
        await using var bed = new Bed();
        var (client, server) = await bed.ConnectAsync();
        bed.Proxy.Silence();
        await AssertHearsNothingAsync(client, server);
        await AssertHearsNothingAsync(server, client);
        var (another, its) = await bed.ConnectAsync();
        await AssertPassesAsync(another, its);
    }

    [Fact]
    public async Task A_reset_ends_both_sides_with_an_error()
    {
        await using var bed = new Bed();
        var (client, server) = await bed.ConnectAsync();
        await AssertPassesAsync(client, server);
        bed.Proxy.Reset();
        await Assert.ThrowsAnyAsync<IOException>(() => client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        await Assert.ThrowsAnyAsync<IOException>(() => server.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_proxy_that_refuses_closes_what_comes()
    {
        await using var bed = new Bed();
        bed.Proxy.Refuses = true;
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, bed.Proxy.Port);
        int read;
        try
        {
            read = await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience);
        }
        catch (IOException)
        {
            read = 0;
        }
        Assert.Equal(0, read);
    }

    [Fact]
    public async Task Latency_delays_and_loses_nothing()
    {
        await using var bed = new Bed();
        bed.Proxy.Latency = Moment;
        var (client, server) = await bed.ConnectAsync();
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        await AssertPassesAsync(client, server);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(started) >= Moment * 0.9);
    }

    private static async Task AssertPassesAsync(TcpClient from, TcpClient to)
    {
        await from.GetStream().WriteAsync(new byte[] { 42 });
        var buffer = new byte[1];
        Assert.Equal(1, await to.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Patience));
        Assert.Equal(42, buffer[0]);
    }

    private static async Task AssertHearsNothingAsync(TcpClient from, TcpClient to)
    {
        await from.GetStream().WriteAsync(new byte[] { 42 });
        await Assert.ThrowsAsync<TimeoutException>(() => to.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Moment));
    }

    /// <summary>A server behind a proxy.</summary>
    private sealed class Bed : IAsyncDisposable
    {
        private readonly TcpListener _server = new(IPAddress.Loopback, 0);

        public Bed()
        {
            _server.Start();
            Proxy = new FaultProxy(((IPEndPoint)_server.LocalEndpoint).Port);
        }

        public FaultProxy Proxy { get; }

        public async Task<(TcpClient Client, TcpClient Server)> ConnectAsync()
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Proxy.Port);
            var server = await _server.AcceptTcpClientAsync().WaitAsync(Patience);
            await AssertPassesAsync(client, server); // the relay runs
            return (client, server);
        }

        public async ValueTask DisposeAsync()
        {
            await Proxy.DisposeAsync();
            _server.Dispose();
        }
    }
}
