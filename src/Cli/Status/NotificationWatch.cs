using PushFanout.Worker.Http;
using PushFanout.Worker.Ledger;

namespace PushFanout.Cli;

/// <summary>Asks a worker until a notification is done.</summary>
internal sealed class NotificationWatch(WorkerApi api, TimeProvider clock)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <param name="timeout">How long to ask at most.</param>
    /// <returns>As it was last seen; null when it never was.</returns>
    public async Task<(string Json, NotificationView View)?> FollowAsync(Guid id, TimeSpan timeout, IProgress<Advance> progress, CancellationToken stop)
    {
        var startedAt = clock.GetTimestamp();
        Pace? pace = null;
        while (true)
        {
            var found = await api.FindAsync(id, stop);
            if (found is { View.CompletedAt: not null } || clock.GetElapsedTime(startedAt) >= timeout)
            {
                return found;
            }
            if (found is { View: var view })
            {
                var settled = Settled(view);
                pace ??= new Pace(clock, view.Audience, settled);
                progress.Report(new Advance(
                    view.Audience == 0 ? 0 : (double)settled / view.Audience,
                    $"{NotificationSummary.Word(view.State)}: {Screen.Number(settled)} of {Screen.Number(view.Audience)}  {pace.Describe(settled)}"));
            }
            await Task.Delay(BetweenLooks, clock, stop);
        }
    }

    /// <summary>Tokens whose outcome is final.</summary>
    public static long Settled(NotificationView view) =>
        view.Audience - view.Outcomes.GetValueOrDefault(Outcome.Pending) - view.Outcomes.GetValueOrDefault(Outcome.Held);
}
