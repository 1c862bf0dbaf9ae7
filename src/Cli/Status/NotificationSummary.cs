using PushFanout.Contracts;
using PushFanout.Worker.Http;
using PushFanout.Worker.Ledger;

namespace PushFanout.Cli;

/// <summary>A notification in figures, whether it was asked for over HTTP or came as the message at its end.</summary>
/// <param name="State">In one word.</param>
/// <param name="Outcomes">Devices by outcome, in one word each; only those above zero.</param>
internal sealed record NotificationSummary(
    Guid Id, string App, string State, long Audience, IReadOnlyList<(string Word, long Devices)> Outcomes, IReadOnlyDictionary<string, long> Reasons,
    long Malformed, long UsersWithoutDevices, long Ambiguous, bool Exact)
{
    public static NotificationSummary Of(NotificationView view) => new(
        view.NotificationId, view.App, Word(view.State), view.Audience,
        Some(Enum.GetValues<Outcome>().Reverse().Select(outcome => (Word(outcome), view.Outcomes.GetValueOrDefault(outcome)))),
        view.Reasons, view.Malformed, view.UsersWithoutDevices, view.Ambiguous, view.Exact);

    public static NotificationSummary Of(NotificationCompleted completed) => new(
        completed.NotificationId, completed.App, Word(completed.State), completed.Audience,
        Some(
        [
            ("accepted", completed.Outcomes.Accepted), ("unregistered", completed.Outcomes.Unregistered), ("rejected", completed.Outcomes.Rejected),
            ("undeliverable", completed.Outcomes.Undeliverable), ("expired", completed.Outcomes.Expired), ("cancelled", completed.Outcomes.Cancelled),
        ]),
        completed.Reasons, completed.Malformed, completed.UsersWithoutDevices, completed.Ambiguous, completed.Exact);

    public static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static List<(string, long)> Some(IEnumerable<(string Word, long Devices)> outcomes) => [.. outcomes.Where(outcome => outcome.Devices > 0)];
}
