using System.Net;
using System.Net.Security;
using System.Security.Authentication;

namespace PushFanout.ApnsSimulator.Tests;

public sealed class TransportTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_1_2_and_1_3_are_spoken(SslProtocols protocol)
    {
        await using var apns = await Bed.StartAsync();
        apns.Client.Handler.SslOptions.EnabledSslProtocols = protocol;
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
    }

    [Fact]
    public async Task HTTP_1_1_is_refused_in_the_handshake()
    {
        await using var apns = await Bed.StartAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => RawConnection.ConnectAsync(apns.Simulator, SslApplicationProtocol.Http11, default));
        await using var tls = await RawConnection.ConnectAsync(apns.Simulator, SslApplicationProtocol.Http2, default);
        Assert.Equal(SslApplicationProtocol.Http2, tls.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task A_client_that_does_not_trust_the_authority_gets_nowhere()
    {
        await using var apns = await Bed.StartAsync();
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(apns.Simulator.Endpoint));
        Assert.Equal(HttpRequestError.SecureConnectionError, refused.HttpRequestError);
    }

    [Fact]
    public async Task The_authority_and_the_key_outlive_a_restart_and_are_for_the_owner_only()
    {
        var folder = Directory.CreateTempSubdirectory("pushfanout-simulator-tests-");
        try
        {
            string authority, key;
            await using (var first = await SimulatorHost.StartAsync(new() { DataDirectory = folder.FullName }))
            {
                (authority, key) = (first.Authority.Thumbprint, await File.ReadAllTextAsync(first.DemoKeyFile!));
            }
            await using var second = await Bed.StartAsync(new() { DataDirectory = folder.FullName });
            Assert.Equal(authority, second.Simulator.Authority.Thumbprint);
            Assert.Equal(key, await File.ReadAllTextAsync(second.Simulator.DemoKeyFile!));
            Assert.Equal(200, (await second.SendAsync(second.Push())).Status);
            if (!OperatingSystem.IsWindows())
            {
                foreach (var secret in new[] { second.Simulator.DemoKeyFile!, Path.Combine(folder.FullName, "ca.key") })
                {
                    Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_temporary_folder_goes_with_the_simulator()
    {
        string file;
        await using (var simulator = await SimulatorHost.StartAsync(new()))
        {
            file = simulator.AuthorityFile;
            Assert.True(File.Exists(file));
        }
        Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
    }

    [Fact]
    public async Task A_taken_port_is_said_at_start()
    {
        await using var simulator = await SimulatorHost.StartAsync(new());
        await Assert.ThrowsAnyAsync<IOException>(() => SimulatorHost.StartAsync(new() { Port = simulator.Endpoint.Port }));
    }

    [Fact]
    public async Task Options_out_of_range_are_all_named_at_start()
    {
        var wrong = await Assert.ThrowsAsync<ArgumentException>(() => SimulatorHost.StartAsync(new() { UnregisteredShare = 2, MaxStreamsPerConnection = 0, HostNames = [] }));
        Assert.Contains("UnregisteredShare", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("MaxStreamsPerConnection", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("HostNames", wrong.Message, StringComparison.Ordinal);
    }
}
