using System.Globalization;

namespace PushFanout.Cli.Demo;

/// <summary>The acts in order: devices arrive, a send finds the dead ones, the next send is smaller by exactly those, and a mistake is stopped.</summary>
internal sealed class Story(EmbeddedInstallation installation, Screen screen, TimeProvider clock)
{
    public const double UnregisteredShare = 0.02;

    /// <returns>Whether every count added up.</returns>
    public async Task<bool> TellAsync(int devices, CancellationToken stop)
    {
        var startedAt = clock.GetTimestamp();
        screen.Line($"Embedded parts: transport and device sets in memory; APNs is a simulator at {installation.Apns.Endpoint} (TLS, HTTP/2).");
        var books = new Books(screen);
        var send = new SendAct(installation, screen, books, clock);

        await new ImportAct(installation, screen, books, clock).PlayAsync(devices, stop);

        screen.Headline(string.Create(CultureInfo.InvariantCulture, $"First send: everyone. APNs knows nothing of {UnregisteredShare:0%} of them any more."));
        var first = await send.PlayAsync("demo-first", devices, stop);
        var removed = await new RemovalAct(installation, screen, books, clock).PlayAsync(devices, first.Unregistered, stop);

        screen.Headline($"Second send: everyone who is left. Meanwhile {ImportAct.User} gets pushes of her own.");
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var urgent = new UrgentAct(installation, screen, books, clock);
        var meanwhile = urgent.PlayAsync(sending.Token);
        try
        {
            await send.PlayAsync("demo-second", devices - removed, stop);
        }
        finally
        {
            await sending.CancelAsync();
            await meanwhile;
        }
        urgent.Report();

        screen.Headline("Third send: another app, by mistake with the wrong environment. APNs calls every token bad.");
        installation.Apns.Tokens.UnregisteredShare = 0; // the story of the dead ones is told
        await new BrakeAct(installation, screen, books, clock).PlayAsync(Math.Max(BrakeAct.FewestDevices, devices / 4), stop);

        Close(books, clock.GetElapsedTime(startedAt));
        return books.Balance;
    }

    private void Close(Books books, TimeSpan elapsed)
    {
        screen.Headline(books.Balance ? $"Every count adds up. {Screen.Seconds(elapsed)}." : "Some counts do not add up.");
        screen.Line();
        screen.Line("Next:");
        screen.Line($"  {OwnName.Command} dev");
        screen.Line("      a worker and a simulator that stay, with an HTTP API, a page and metrics");
        screen.Line($"  {OwnName.Command} send --url http://127.0.0.1:8080 --app {EmbeddedInstallation.App} --user {ImportAct.User} --title Hello --wait");
        screen.Line("      in a second terminal, while that runs: one notification, and what became of it");
        if (OwnName.InRepository)
        {
            screen.Line("  ./build.sh test");
            screen.Line("      the same on a real RabbitMQ and a real Redis");
        }
        else
        {
            screen.Line($"  {OwnName.Command} dev --rabbitmq amqp://localhost/ --redis localhost:6379");
            screen.Line("      the same on your RabbitMQ and Redis");
        }
    }
}
