using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Brakes;

/// <summary>What the brake of an app means for work that is about to start, and for tokens that are held.</summary>
internal sealed class BrakeWatch(AppBrakes apps, IBrakeBooks books, BrakeRules rules, TimeProvider clock)
{
    /// <summary>After an opening everybody waits for an operator, who wants to see the send go on at once; later a little longer will do.</summary>
    private static readonly TimeSpan SoonFor = TimeSpan.FromMinutes(2);

    public AppBrake Of(ServedApp app) => apps.Of(app);

    /// <summary>How long work of the app is to rest; null when the brake is closed.</summary>
    /// <exception cref="TokenCache.TokenCacheUnavailableException">Redis did not say.</exception>
    public async ValueTask<WaitTier?> HoldsUpAsync(string app, CancellationToken cancellationToken)
    {
        var (open, openedAt) = await apps.AskAsync(app, cancellationToken) is { } condition
            ? (condition.Open, condition.OpenedAt)
            : await books.ReadAsync(app, cancellationToken) is var status ? (status.Open, status.OpenedAt) : default;
        return !open ? null : clock.GetUtcNow() - openedAt < SoonFor ? WaitTier.FiveSeconds : WaitTier.ThirtySeconds;
    }

    /// <summary>The notifications as an operator sees them: running ones of an app whose brake is open are braked.</summary>
    public async Task<IReadOnlyList<NotificationStatus>> ShowAsync(IReadOnlyList<NotificationStatus> notifications, CancellationToken cancellationToken)
    {
        var open = new Dictionary<string, bool>();
        foreach (var app in notifications.Where(IsRunning).Select(notification => notification.Totals.App).Distinct())
        {
            open[app] = (await books.ReadAsync(app, cancellationToken)).Open;
        }
        return [.. notifications.Select(shown => IsRunning(shown) && open[shown.Totals.App] ? shown with { State = NotificationState.Braked } : shown)];

        static bool IsRunning(NotificationStatus notification) => notification.State == NotificationState.Running;
    }

    /// <summary>
    /// Whether the brake has opened since, or just before: then what APNs said at that time was somebody's mistake, and the tokens
    /// held for it are to be sent again.
    /// </summary>
    /// <exception cref="TokenCache.TokenCacheUnavailableException">Redis did not say.</exception>
    public async Task<bool> HasOpenedSinceAsync(string app, DateTimeOffset moment, CancellationToken cancellationToken) =>
        (await books.ReadAsync(app, cancellationToken)).OpenedAt >= moment - rules.Window;

    /// <summary>Whether the window has closed over the last suspicion: the brake has had its chance.</summary>
    public bool IsOver(HeldTime held, DateTimeOffset now) => now >= held.Last + rules.Window;
}
