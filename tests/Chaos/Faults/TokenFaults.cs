using System.Text.Json;
using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Running;
using PushFanout.Contracts;

namespace PushFanout.Chaos.Faults;

/// <summary>What is said about tokens that is not true any more.</summary>
internal static class TokenFaults
{
    private const int Repetitions = 3;

    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        new("feedback-replayed", "reports of 410s come again and in another order, for devices that registered since") { Inject = ReplayAsync },
    ];

    private static async Task ReplayAsync(ChaosRun run)
    {
        var devices = run.Devices.Of(DeviceKind.Gone).Concat(run.Devices.Of(DeviceKind.RegisteredAgain)).ToArray();
        var dice = new Random(run.Plan.Seed);
        for (var i = 0; i < Repetitions; i++)
        {
            dice.Shuffle(devices);
            foreach (var some in devices.Chunk(50))
            {
                await run.Installation.Service.PublishAsync(Exchanges.DeadTokensFound, JsonSerializer.Serialize(new
                {
                    app = ChaosInstallation.App,
                    notificationId = run.Sends[0].Id,
                    tokens = some.Select(device => new { token = Convert.ToHexStringLower(run.Devices.Token(device)), reason = "Unregistered", since = run.Since }),
                }));
            }
        }
        run.Progress.FaultEnded();
    }
}
