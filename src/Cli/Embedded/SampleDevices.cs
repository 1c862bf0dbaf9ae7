using System.Security.Cryptography;
using System.Text;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>A few made-up devices, the same ones every time.</summary>
internal static class SampleDevices
{
    public const string Audience = "news";

    private static readonly (string User, string Device, string[] Audiences)[] All =
    [
        ("alice", "alices-phone", []),
        ("alice", "alices-tablet", [Audience]),
        ("bob", "bobs-phone", [Audience]),
        ("carol", "carols-phone", []),
    ];

    public static string Description => string.Join(", ", All.GroupBy(device => device.User).Select(user => $"{user.Key} ({user.Count()})"));

    public static async Task RegisterAsync(EmbeddedInstallation installation, TimeProvider clock, CancellationToken stop)
    {
        await installation.Devices.OpenAppAsync(EmbeddedInstallation.App, installation.Options.Apps[EmbeddedInstallation.App].Shards, stop);
        foreach (var (user, device, audiences) in All)
        {
            var token = SHA256.HashData(Encoding.UTF8.GetBytes(device));
            await installation.Devices.RegisterAsync(EmbeddedInstallation.App, new DeviceRegistration(token, clock.GetUtcNow(), device, user, audiences), stop);
        }
    }
}
