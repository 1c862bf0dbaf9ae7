using PushFanout.Worker.Brakes;

namespace PushFanout.Worker.Http;

/// <summary>The brake of an app as the API shows it.</summary>
/// <param name="Open">Sends of the app wait and nothing is removed.</param>
/// <param name="OpenedAt">When it opened last.</param>
/// <param name="Unregistered">Unregistered answers in the window when it opened.</param>
/// <param name="Suspect">Suspect answers in the window when it opened.</param>
/// <param name="Answers">All answers in the window when it opened.</param>
/// <param name="RestsUntil">APNs refuses the app's credential: nothing is sent before.</param>
/// <param name="Quarantined">Reported tokens since the last release or discard that wait for one, by the reason APNs gave.</param>
internal sealed record BrakeView(
    string App, bool Open, DateTimeOffset? OpenedAt, long Unregistered, long Suspect, long Answers, DateTimeOffset? RestsUntil, DateTimeOffset? ReleasedAt,
    DateTimeOffset? DiscardedAt, IReadOnlyDictionary<string, long> Quarantined)
{
    public static BrakeView Of(string app, BrakeStatus status) => new(
        app, status.Open, status.OpenedAt, status.Unregistered, status.Suspect, status.Answers, status.RestsUntil, status.ReleasedAt, status.DiscardedAt,
        status.Quarantined);
}
