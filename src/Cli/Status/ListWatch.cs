namespace PushFanout.Cli;

/// <summary>Shows the latest notifications again whenever something about them changed, until it is stopped.</summary>
internal sealed class ListWatch(WorkerApi api, TimeProvider clock)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public async Task FollowAsync(int limit, bool json, Screen screen, CancellationToken stop)
    {
        string? shown = null;
        try
        {
            while (true)
            {
                var page = await api.ListAsync(limit, before: null, stop);
                if (page.Json != shown)
                {
                    shown = page.Json;
                    if (!json)
                    {
                        screen.Clear();
                    }
                    NotificationReport.Write(screen, page with { Before = null }, json);
                }
                await Task.Delay(BetweenLooks, clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The only end it has.
        }
    }
}
