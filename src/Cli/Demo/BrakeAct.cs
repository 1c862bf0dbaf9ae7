using PushFanout.Contracts;
using PushFanout.Worker.Ledger;

namespace PushFanout.Cli.Demo;

/// <summary>
/// A second app is served with the wrong environment: every token looks bad. The brake opens before much was sent, nothing is
/// removed; the environment is corrected, the operator resumes, and the same send reaches everyone.
/// </summary>
internal sealed class BrakeAct(EmbeddedInstallation installation, Screen screen, Books books, TimeProvider clock)
{
    public const string App = "shop-ios-dev";

    /// <summary>Fewer would be through before the brake has answers enough.</summary>
    public const int FewestDevices = 2000;

    private const int MostSent = 1000;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="devices">How many devices the app has.</param>
    /// <param name="stop">Ends the act.</param>
    public async Task PlayAsync(int devices, CancellationToken stop)
    {
        await installation.Devices.ImportAsync(App, SampleTokens.OthersAsync(devices, clock.GetUtcNow()), null, stop);
        var answeredBefore = installation.Apns.Recorder.Answered;
        installation.Apns.Tokens.WrongEnvironment = true;
        var request = new NotificationRequested
        {
            NotificationId = Guid.CreateVersion7(clock.GetUtcNow()),
            App = App,
            Audience = Audience.All,
            Payload = PushPayload.FromObject(new { aps = new { alert = "Everything is on sale today." } }),
            CollapseId = "demo-brake",
            Source = "demo",
        };
        await installation.Sender.PublishAsync(Exchanges.NotificationRequested, null, request, request.NotificationId, stop);
        await UntilAsync(async () => (await installation.Brakes.ReadAsync(App, stop)).Open, stop);
        await UntilAsync(() => Task.FromResult(installation.Apns.Stats.RequestsInFlight == 0), stop);
        var brake = await installation.Brakes.ReadAsync(App, stop);
        var sent = installation.Apns.Recorder.Answered - answeredBefore;
        books.Check("brake open", 1, brake.Open ? 1 : 0);
        books.Check("devices removed", 0, devices - await CountAsync(stop));
        books.Check($"pushes sent beyond {MostSent}", 0, Math.Max(0, sent - MostSent));
        screen.Good($"The brake opened at {Screen.Number(brake.Suspect)} bad answers: {Screen.Number(sent)} of {Screen.Number(devices)} pushes sent, 0 devices removed, the send waits");

        installation.Apns.Tokens.WrongEnvironment = false;
        await installation.Steering.ApplyAsync(request.NotificationId, Worker.Ledger.ControlAction.Resume, clock.GetUtcNow(), stop);
        NotificationTotals? totals = null;
        await UntilAsync(
            async () => await installation.Ledger.ReadStatusAsync(request.NotificationId, stop) is { State: NotificationState.Done } done && (totals = done.Totals) is not null, stop);
        if (books.Check("accepted after the correction", devices, totals?.ByOutcome[(int)Outcome.Accepted] ?? 0))
        {
            screen.Good($"Environment corrected, `resume`: the same send reached all {Screen.Number(devices)} devices");
        }
    }

    private Task<long> CountAsync(CancellationToken stop) => installation.Devices.CountAsync(App, new([ContractNames.AllAudience], [], [], [], []), stop);

    private async Task UntilAsync(Func<Task<bool>> holds, CancellationToken stop)
    {
        for (var started = clock.GetTimestamp(); !await holds() && clock.GetElapsedTime(started) < Patience;)
        {
            await Task.Delay(BetweenLooks, clock, stop);
        }
    }
}
