using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests;

/// <summary>A token that APNs calls dead leaves the store.</summary>
public sealed class DeadTokenTests
{
    private const int Devices = 400;

    /// <summary>
    /// Otherwise a worker that dies leaves batches of which everything is settled but the dead tokens, and whoever sends these again hears nothing
    /// but dead tokens: the brake would open for a crash.
    /// </summary>
    [Fact]
    public async Task Dead_tokens_are_reported_while_the_rest_of_their_batch_is_still_to_be_sent()
    {
        await using var installation = await TestInstallation.CreateAsync();
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", "20");
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        foreach (var number in Enumerable.Range(0, Devices / 2))
        {
            installation.Simulator.Tokens.Answer(Requests.Token(number), 410, "Unregistered", TimeProvider.System.GetUtcNow());
        }
        await installation.StartWorkerAsync();
        var service = await installation.ConnectAsync();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["all"]}"""));

        await Eventually.TrueAsync(async () => await installation.CountAsync("all") < Devices, Eventually.Patience, "a dead token is removed");

        Assert.InRange(installation.Simulator.Recorder.Answered, 1, Devices - 1);
    }
}
