using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests;

/// <summary>A worker that starts while its broker is in trouble.</summary>
public sealed class WorkerStartTests
{
    private const string Waiting = "Waiting for RabbitMQ";
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task A_connection_that_is_cut_in_the_middle_of_the_declarations_is_made_again()
    {
        await using var installation = await TestInstallation.CreateAsync();
        await using var proxy = new FaultProxy(installation.RabbitMq.Port) { Latency = TimeSpan.FromMilliseconds(25) }; // seconds, for dozens of declarations
        Lead(installation, proxy);
        var cut = CutAsync();
        var worker = await installation.StartWorkerProcessAsync();
        Assert.True(await cut > 0, "nothing was cut");
        Assert.Contains(worker.Lines, line => line.Contains(Waiting, StringComparison.Ordinal));

        // Twice, each time when the worker has been at it for a moment.
        async Task<int> CutAsync()
        {
            for (var cuts = 0; cuts < 2; cuts++)
            {
                await Eventually.TrueAsync(() => proxy.BytesToServer > 1_500, Patience, "declarations are under way");
                proxy.Reset();
            }
            return 2;
        }
    }

    [Fact]
    public async Task A_broker_that_comes_and_refuses_what_the_worker_needs_ends_it()
    {
        await using var installation = await TestInstallation.CreateAsync(rabbitMq: (await Servers.NewOwnVirtualHostAsync()).VirtualHost);
        await using var proxy = new FaultProxy(installation.RabbitMq.Port) { Refuses = true };
        var (user, password) = ($"reader-{Guid.NewGuid():N}", "only-reads");
        if (!await Servers.TryAddUserAsync(installation.RabbitMq, user, password, mayConfigure: "^$"))
        {
            return;
        }
        Lead(installation, proxy, $"{user}:{password}");
        var worker = await installation.StartWorkerProcessAsync(until: Waiting);
        proxy.Refuses = false;
        Assert.Equal(1, await worker.WaitForExitAsync(Patience));
        Assert.Contains(worker.Lines, line => line.Contains("ACCESS_REFUSED", StringComparison.Ordinal));
    }

    private static void Lead(TestInstallation installation, FaultProxy proxy, string? login = null)
    {
        var broker = new UriBuilder(installation.RabbitMq) { Port = proxy.Port };
        if (login?.Split(':') is [var user, var password])
        {
            (broker.UserName, broker.Password) = (user, password);
        }
        installation.Set("RabbitMq:Uri", broker.Uri.ToString());
    }
}
