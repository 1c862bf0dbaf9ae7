using System.Text.Json;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;

namespace PushFanout.Integration.Tests;

/// <summary>A notification that has ended, as the ledger knows it: for tests in which nobody is connected to the broker to hear of the end.</summary>
internal sealed record CompletedSend(long Audience, long Accepted, long Unregistered, long Undeliverable, bool Exact)
{
    public static async Task<CompletedSend> ReadAsync(TestInstallation installation, Guid id, TimeSpan patience)
    {
        await using var ledger = new RedisLedger(installation.Redis, installation.Redis.KeyPrefix, TimeProvider.System);
        NotificationStatus? status = null;
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        return (status = await ledger.ReadStatusAsync(id, CancellationToken.None)) is { State: NotificationState.Done };
                    }
                    catch (TokenCacheUnavailableException)
                    {
                        return false; // a test that breaks Redis is still looking
                    }
                },
                patience,
                $"{id} is done");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{id} is not done after {patience.TotalSeconds:0} s; APNs has accepted {installation.Simulator.Recorder.Accepted}; the books: {JsonSerializer.Serialize(status)}\n{installation.LastLines}");
        }
        var totals = status!.Totals;
        return new CompletedSend(
            totals.Audience, totals.ByOutcome[(int)Outcome.Accepted], totals.ByOutcome[(int)Outcome.Unregistered], totals.ByOutcome[(int)Outcome.Undeliverable], totals.Exact);
    }
}
