using PushFanout.Worker.Http;
using PushFanout.Worker.Ledger;

namespace PushFanout.Cli;

/// <summary>Notifications on the screen.</summary>
internal static class NotificationReport
{
    public static void Write(Screen screen, NotificationSummary notification)
    {
        screen.Line($"{notification.Id}  {notification.App}  {notification.State}");
        screen.Table(["", "devices"],
        [
            .. notification.Outcomes.Select(outcome => (string[])[outcome.Word, Screen.Number(outcome.Devices)]),
            ["= audience", Screen.Number(notification.Audience)],
        ]);
        if (notification.Reasons.Count > 0)
        {
            screen.Line("  reasons: " + string.Join(", ", notification.Reasons.Select(reason => $"{reason.Key} {Screen.Number(reason.Value)}")));
        }
        Note(notification.Malformed, "entries of the token list are no tokens");
        Note(notification.UsersWithoutDevices, "users have no device");
        Note(notification.Ambiguous, "pushes may have reached APNs twice; a device shows one");
        if (!notification.Exact)
        {
            screen.Line("  Redis lost part of the books on the way: a device may be counted twice.");
        }

        void Note(long count, string text)
        {
            if (count > 0)
            {
                screen.Line($"  {Screen.Number(count)} {text}");
            }
        }
    }

    public static void Write(Screen screen, NotificationPage page, bool json)
    {
        if (json)
        {
            screen.Line(page.Json);
            return;
        }
        WriteTable(screen, page.Notifications);
        if (page.Before is { } before)
        {
            screen.Line($"  and perhaps more: --before {before:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'}");
        }
    }

    private static void WriteTable(Screen screen, IReadOnlyList<NotificationView> notifications) => screen.Table(
        ["notification", "app", "state", "audience", "settled", "accepted", "requested"],
        notifications.Select(notification => (string[])
        [
            notification.NotificationId.ToString(),
            notification.App,
            NotificationSummary.Word(notification.State),
            Screen.Number(notification.Audience),
            Screen.Number(NotificationWatch.Settled(notification)),
            Screen.Number(notification.Outcomes.GetValueOrDefault(Outcome.Accepted)),
            notification.RequestedAt.ToString("u"),
        ]));
}
