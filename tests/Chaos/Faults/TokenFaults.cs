using System.Text.Json;
using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Running;
using PushFanout.Contracts;
using PushFanout.Testing;

namespace PushFanout.Chaos.Faults;

/// <summary>What is said about tokens that is not true any more.</summary>
internal static class TokenFaults
{
    private const int Repetitions = 3;
    private const int MostPushes = 1000;
    private static readonly TimeSpan BrakePatience = TimeSpan.FromSeconds(90);

    /// <summary>Longer than the brake's window and the waits of what rests: whatever was to go on by itself would have by now.</summary>
    private static readonly TimeSpan BrakedTime = TimeSpan.FromSeconds(15);

    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        new("feedback-replayed", "reports of 410s come again, in any order, for devices that registered since") { Inject = ReplayAsync },
        new("wrong-environment", "four workers push to the wrong environment: every token is answered 400; mended, the send is resumed")
        {
            Whole = PushToTheWrongEnvironmentAsync,
            Shape = plan => plan with { Workers = 4, Groups = 1, LatencyMilliseconds = 50, PushesPerSecond = null, Mix = DeviceMix.AliveOnly },
        },
    ];

    private static async Task PushToTheWrongEnvironmentAsync(ChaosRun run)
    {
        var (installation, simulator) = (run.Installation, run.Installation.Simulator);
        await simulator.OrderAsync("tokens", new { wrongEnvironment = true });
        await run.StartWorkersAsync();
        await run.SendToGroupAsync(0);
        await Eventually.TrueAsync(
            async () => await installation.Redis.CommandAsync($"HGET pf:{{{ChaosInstallation.App}}}:brake open") == "1", BrakePatience, "the brake opens");
        await Task.Delay(BrakedTime);
        var pushed = (await simulator.ReadStateAsync()).Answered;
        var registered = (await installation.ReadTokensAsync()).Count;
        run.Log($"brake open after {pushed} pushes, {registered:N0} devices registered");
        run.Expect(pushed <= MostPushes, $"{pushed} pushes were sent, {MostPushes} may be");
        run.Expect(registered == run.Devices.Count, $"{run.Devices.Count - registered} devices were removed");

        await simulator.OrderAsync("tokens", new { wrongEnvironment = false });
        await installation.Service.PublishAsync(
            Exchanges.NotificationControl, $$"""{"notificationId":"{{run.Sends[0].Id}}","action":"resume","at":"{{TimeProvider.System.GetUtcNow():O}}"}""");
        run.Progress.Moved();
        run.Progress.FaultEnded();
    }

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
