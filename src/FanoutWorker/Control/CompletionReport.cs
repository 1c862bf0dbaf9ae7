using PushFanout.Contracts;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Control;

/// <summary>The totals of the ledger in the words of the public message.</summary>
internal static class CompletionReport
{
    public static NotificationCompleted Of(NotificationTotals totals, NotificationRequested request) => new()
    {
        NotificationId = totals.Id,
        App = totals.App,
        Source = request.Source,
        Reference = request.Reference,
        State = totals.State switch
        {
            NotificationState.Cancelled => FinalState.Cancelled,
            NotificationState.Expired => FinalState.Expired,
            _ => FinalState.Completed,
        },
        Audience = totals.Audience,
        Outcomes = OutcomesOf(totals),
        Reasons = ReasonsOf(totals),
        Ambiguous = totals.Ambiguous,
        Malformed = totals.Malformed,
        UsersWithoutDevices = totals.UsersWithoutDevices,
        PlannedAt = totals.RequestedAt,
        FirstPushAt = totals.FirstPushAt,
        CompletedAt = totals.CompletedAt ?? totals.RequestedAt,
        Exact = totals.Exact,
        DryRun = request.DryRun,
    };

    public static OutcomeTotals OutcomesOf(NotificationTotals totals) => new()
    {
        Accepted = totals.ByOutcome[(int)Outcome.Accepted],
        Unregistered = totals.ByOutcome[(int)Outcome.Unregistered],
        Rejected = totals.ByOutcome[(int)Outcome.Rejected],
        Expired = totals.ByOutcome[(int)Outcome.Expired],
        Cancelled = totals.ByOutcome[(int)Outcome.Cancelled],
        Undeliverable = totals.ByOutcome[(int)Outcome.Undeliverable],
    };

    /// <summary>Tokens by reason word, largest first; outcomes without a reason are not in it.</summary>
    public static IReadOnlyDictionary<string, long> ReasonsOf(NotificationTotals totals) => totals.ByValue
        .Select(entry => (new OutcomeByte(entry.Key).Reason, Count: entry.Value))
        .Where(entry => entry.Reason != OutcomeReason.None)
        .GroupBy(entry => entry.Reason)
        .OrderByDescending(group => group.Sum(entry => entry.Count))
        .ToDictionary(group => group.Key.ToString(), group => group.Sum(entry => entry.Count));
}
