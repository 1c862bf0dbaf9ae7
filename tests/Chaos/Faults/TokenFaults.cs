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
        new("feedback-replayed", "reports of 410s come again, in any order, for devices that registered since") { Inject = ReplayAsync },
    ];

    private static async Task ReplayAsync(ChaosRun run)
    {
        // Not for those that are gone: removed before their range is read they would rightly be missing in the audience.
        var reports = run.Devices.Of(DeviceKind.RegisteredAgain)
            .SelectMany(device => Enumerable.Range(0, Repetitions).Select(repetition => (Device: device, Since: run.Since.AddMinutes(-repetition)))).ToArray();
        new Random(run.Plan.Seed).Shuffle(reports);
        foreach (var some in reports.Chunk(50))
        {
            await run.Installation.Service.PublishAsync(Exchanges.DeadTokensFound, JsonSerializer.Serialize(new
            {
                app = ChaosInstallation.App,
                notificationId = run.Sends[0].Id,
                tokens = some.Select(report => new { token = Convert.ToHexStringLower(run.Devices.Token(report.Device)), reason = "Unregistered", since = report.Since }),
            }));
        }
        run.Progress.FaultEnded();
    }
}
