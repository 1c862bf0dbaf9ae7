using PushFanout.Worker.Control;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Http;

/// <summary>A notification as the API shows it. <c>audience</c> is always the sum of <c>outcomes</c>, pending and held among them.</summary>
/// <param name="State">The state; <c>braked</c> while it runs and the brake of its app is open, so that it waits.</param>
/// <param name="Reasons">Tokens by reason word, largest first.</param>
/// <param name="Exact">False when Redis lost something on the way and the counts were made anew.</param>
internal sealed record NotificationView(
    Guid NotificationId, string App, NotificationState State, DateTimeOffset StateAt, long Audience,
    IReadOnlyDictionary<Outcome, long> Outcomes, IReadOnlyDictionary<string, long> Reasons,
    long Ambiguous, long Late, bool Exact, int Malformed, int UsersWithoutDevices, int Ranges, int RangesExpanded,
    DateTimeOffset RequestedAt, DateTimeOffset? FirstPushAt, DateTimeOffset? CompletedAt)
{
    public static NotificationView Of(NotificationStatus status)
    {
        var totals = status.Totals;
        return new NotificationView(
            totals.Id, totals.App, status.State, status.StateAt, totals.Audience,
            Enum.GetValues<Outcome>().ToDictionary(outcome => outcome, outcome => totals.ByOutcome[(int)outcome]), CompletionReport.ReasonsOf(totals),
            totals.Ambiguous, totals.Late, totals.Exact, totals.Malformed, totals.UsersWithoutDevices, status.Ranges, status.RangesExpanded,
            totals.RequestedAt, totals.FirstPushAt, totals.CompletedAt);
    }
}
