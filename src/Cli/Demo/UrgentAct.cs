using System.Globalization;
using PushFanout.Contracts;

namespace PushFanout.Cli.Demo;

/// <summary>Pushes to one user, one after another, while everyone is being sent to; each is timed from publishing to its arrival at APNs.</summary>
internal sealed class UrgentAct(EmbeddedInstallation installation, Screen screen, Books books, TimeProvider clock)
{
    private const int Most = 10;
    private static readonly TimeSpan BetweenPushes = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<double> _milliseconds = [];
    private int _published;

    /// <param name="sending">Fires when the send to everyone is over; a push that is under way then still counts.</param>
    public async Task PlayAsync(CancellationToken sending)
    {
        while (_published < Most && await SendIsStillOnAsync(sending))
        {
            if (await PushAsync($"demo-urgent-{++_published}") is { } milliseconds)
            {
                _milliseconds.Add(milliseconds);
            }
        }
    }

    public void Report()
    {
        if (!books.Check($"pushes to {ImportAct.User} that arrived", _published, _milliseconds.Count) || _published == 0)
        {
            return;
        }
        _milliseconds.Sort();
        screen.Good(string.Create(
            CultureInfo.InvariantCulture,
            $"{_published} urgent pushes to {ImportAct.User} meanwhile: at APNs within {_milliseconds[_published / 2]:0} ms (median), {_milliseconds[^1]:0} ms (slowest)"));
    }

    private async Task<bool> SendIsStillOnAsync(CancellationToken sending)
    {
        try
        {
            await Task.Delay(BetweenPushes, clock, sending);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <returns>The time until the simulator had the push; null when it did not come.</returns>
    private async Task<double?> PushAsync(string collapseId)
    {
        var request = new NotificationRequested
        {
            NotificationId = Guid.CreateVersion7(clock.GetUtcNow()),
            App = EmbeddedInstallation.App,
            Audience = Audience.OfUsers(ImportAct.User),
            Payload = PushPayload.FromObject(new { aps = new { alert = "Your parcel is here." } }),
            Lane = Lane.Urgent,
            CollapseId = collapseId,
            Source = "demo",
        };
        var publishedAt = clock.GetTimestamp();
        await installation.Sender.PublishAsync(Exchanges.NotificationRequested, null, request, request.NotificationId, CancellationToken.None);
        while (clock.GetElapsedTime(publishedAt) < Patience)
        {
            // Looked at from outside, so the time shown is a little too long rather than too short.
            if (installation.Apns.Recorder.Notifications.Any(seen => seen.Notification == collapseId && seen.Accepted == 1))
            {
                return clock.GetElapsedTime(publishedAt).TotalMilliseconds;
            }
            await Task.Delay(BetweenLooks, clock);
        }
        return null;
    }
}
