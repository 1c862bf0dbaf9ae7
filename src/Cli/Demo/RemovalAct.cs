using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Cli.Demo;

/// <summary>What APNs called unregistered leaves the audience.</summary>
internal sealed class RemovalAct(EmbeddedInstallation installation, Screen screen, Books books, TimeProvider clock)
{
    private static readonly AudienceExpression Everyone = new([ContractNames.AllAudience], [], [], [], []);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>How many devices are gone.</returns>
    public async Task<long> PlayAsync(long devices, long unregistered, CancellationToken stop)
    {
        var startedAt = clock.GetTimestamp();
        var left = await installation.Devices.CountAsync(EmbeddedInstallation.App, Everyone, stop);
        while (left > devices - unregistered && clock.GetElapsedTime(startedAt) < Patience)
        {
            await Task.Delay(BetweenLooks, clock, stop); // removal has its own queue and does not hold up a send
            left = await installation.Devices.CountAsync(EmbeddedInstallation.App, Everyone, stop);
        }
        if (books.Check("devices removed", unregistered, devices - left))
        {
            screen.Good($"{Screen.Number(unregistered)} unregistered devices removed, {Screen.Number(left)} left");
        }
        return devices - left;
    }
}
