using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Worker.Ledger;

namespace PushFanout.Cli.Demo;

/// <param name="Unregistered">Devices that APNs called unregistered.</param>
internal readonly record struct SendResult(long Unregistered);

/// <summary>One notification to everyone, followed to its end; then the worker's books beside the simulator's.</summary>
internal sealed class SendAct(EmbeddedInstallation installation, Screen screen, Books books, TimeProvider clock)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <param name="collapseId">What the simulator tells the notification from others by.</param>
    /// <param name="expected">How many devices everyone is.</param>
    public async Task<SendResult> PlayAsync(string collapseId, long expected, CancellationToken stop)
    {
        var request = new NotificationRequested
        {
            NotificationId = Guid.CreateVersion7(clock.GetUtcNow()),
            App = EmbeddedInstallation.App,
            Audience = Audience.All,
            Payload = PushPayload.FromObject(new { aps = new { alert = "Everything is on sale today." } }),
            CollapseId = collapseId,
            Source = "demo",
        };
        var pace = new Pace(clock, expected);
        await installation.Sender.PublishAsync(Exchanges.NotificationRequested, null, request, request.NotificationId, stop);
        var totals = await screen.FollowAsync(progress => FollowAsync(request.NotificationId, expected, pace, progress, stop));
        var elapsed = pace.Elapsed;
        Compare(totals, SimulatorsCount(collapseId), expected);
        screen.Line($"  {Screen.Number(totals.Audience)} devices in {Screen.Seconds(elapsed)}: {Screen.Number((long)(totals.Audience / elapsed.TotalSeconds))} pushes a second");
        return new SendResult(totals.ByOutcome[(int)Outcome.Unregistered]);
    }

    private async Task<NotificationTotals> FollowAsync(Guid id, long expected, Pace pace, IProgress<Advance> progress, CancellationToken stop)
    {
        while (pace.Elapsed < Patience)
        {
            await Task.Delay(BetweenLooks, clock, stop);
            if (await installation.Ledger.ReadStatusAsync(id, stop) is not { Totals: var totals } status)
            {
                continue;
            }
            if (status.State is NotificationState.Done)
            {
                return totals;
            }
            var accepted = totals.ByOutcome[(int)Outcome.Accepted];
            var unregistered = totals.ByOutcome[(int)Outcome.Unregistered];
            var settled = totals.Audience - totals.ByOutcome[(int)Outcome.Pending] - totals.ByOutcome[(int)Outcome.Held];
            progress.Report(new Advance(
                (double)settled / expected,
                $"{Screen.Number(accepted)} accepted, {Screen.Number(unregistered)} unregistered  {pace.Describe(settled)}"));
        }
        throw new TimeoutException($"The send is not done after {Patience.TotalMinutes:0} minutes.");
    }

    private NotificationCount? SimulatorsCount(string collapseId) =>
        installation.Apns.Recorder.Notifications.FirstOrDefault(count => count.Notification == collapseId);

    private void Compare(NotificationTotals totals, NotificationCount? seen, long expected)
    {
        var accepted = totals.ByOutcome[(int)Outcome.Accepted];
        var refused = totals.ByOutcome[(int)Outcome.Unregistered] + totals.ByOutcome[(int)Outcome.Rejected];
        var others = Enum.GetValues<Outcome>()
            .Where(outcome => outcome is not (Outcome.Accepted or Outcome.Unregistered) && totals.ByOutcome[(int)outcome] > 0)
            .Select(outcome => (string[])[outcome.ToString().ToLowerInvariant(), Screen.Number(totals.ByOutcome[(int)outcome]), ""]);
        screen.Table(["", "worker's books", "APNs' books"],
        [
            ["accepted", Screen.Number(accepted), Screen.Number(seen?.Accepted ?? 0)],
            ["unregistered", Screen.Number(totals.ByOutcome[(int)Outcome.Unregistered]), Screen.Number(seen?.Refused ?? 0)],
            .. others,
            ["= audience", Screen.Number(totals.Audience), Screen.Number((seen?.Accepted ?? 0) + (seen?.Refused ?? 0))],
            ["sent twice", Screen.Number(totals.Ambiguous), Screen.Number(seen?.Duplicates ?? 0)],
        ]);
        books.Check("audience", expected, totals.Audience);
        books.Check("sum of the outcomes", totals.Audience, totals.ByOutcome.Sum());
        books.Check("accepted by APNs", accepted, seen?.Accepted ?? 0);
        books.Check("refused by APNs", refused, seen?.Refused ?? 0);
        books.Check("sent twice", 0, seen?.Duplicates ?? 0);
    }
}
