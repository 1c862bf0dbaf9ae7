using PushFanout.Testing;

namespace PushFanout.ApnsSimulator.Tests;

/// <summary>A running simulator with a sender that knows its demo key.</summary>
internal sealed class Bed : IAsyncDisposable
{
    private Bed(SimulatorHost simulator)
    {
        Simulator = simulator;
        Client = new Client(simulator);
        if (simulator.DemoKeyFile is not null)
        {
            Signer = Signer.Demo(simulator);
            ProviderToken = Signer.Sign(simulator.Options.TimeProvider.GetUtcNow());
        }
    }

    public SimulatorHost Simulator { get; }
    public Client Client { get; }
    public Signer Signer { get; } = null!;
    public string ProviderToken { get; } = null!;

    public static async Task<Bed> StartAsync(SimulatorOptions? options = null) => new(await SimulatorHost.StartAsync(options ?? new()));

    /// <summary>A right push to token 1; tests then spoil one thing.</summary>
    public HttpRequestMessage Push() => Client.Push(ProviderToken);

    /// <summary>A right push to a token of one's own, for a notification.</summary>
    public HttpRequestMessage Push(byte[] token, string? collapseId = null)
    {
        var push = Client.Push(ProviderToken, Client.Hex(token));
        if (collapseId is not null)
        {
            push.Headers.TryAddWithoutValidation("apns-collapse-id", collapseId);
        }
        return push;
    }

    public Task<Answer> SendAsync(HttpRequestMessage push) => Client.SendAsync(push);

    /// <summary>Waits until both ends of every connection are closed: what is sent then goes over a new one.</summary>
    public Task AllConnectionsClosedAsync() =>
        Eventually.TrueAsync(() => Simulator.Stats.ConnectionsOpen == 0, TimeSpan.FromSeconds(60), "the connections are closed");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Simulator.DisposeAsync();
    }
}
