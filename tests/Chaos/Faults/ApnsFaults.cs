using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Oracle;
using PushFanout.Chaos.Running;

namespace PushFanout.Chaos.Faults;

/// <summary>What happens at APNs, as far as the simulator's control port can make it.</summary>
internal static class ApnsFaults
{
    private const int Struck = 50;
    private static readonly TimeSpan StormTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StalledPushes = TimeSpan.FromSeconds(15);

    /// <summary>Everything in flight on every connection of two workers.</summary>
    private const int InFlight = 2 * ChaosPlan.ConnectionsPerWorker * ChaosPlan.StreamsPerConnection;

    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        new("apns-goaway", "GOAWAY to every connection, once a second for 10 s") { Inject = GoAwayAsync, Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(5) } },
        new("apns-refused", "one stream in five is refused (REFUSED_STREAM) for 10 s")
        {
            Inject = run => StormAsync(run, new { share = 0.2, kind = "resetStream", errorCode = 7 }),
        },
        new("apns-429", "every second push is answered 429 for 10 s") { Inject = run => StormAsync(run, 429, "TooManyRequests"), Allowed = Storm },
        new("apns-500", "every second push is answered 500 for 10 s") { Inject = run => StormAsync(run, 500, "InternalServerError"), Allowed = Storm },
        new("apns-503", "every second push is answered 503 for 10 s") { Inject = run => StormAsync(run, 503, "ServiceUnavailable"), Allowed = Storm },
        new("apns-stalled", "connections stay open and go silent, new ones work")
        {
            Inject = StallAsync, Allowed = new Allowance { Duplicates = InFlight, Ambiguous = InFlight, Recovery = StalledPushes },
        },
        new("apns-dropped", "every connection is dropped, three times")
        {
            Inject = DropAsync, Allowed = new Allowance { Duplicates = 3 * InFlight, Ambiguous = 3 * InFlight },
        },
        new("apns-late", "50 answers come 15 s late, after we gave them up") { Inject = run => StrikeAsync(run, new { times = Struck, kind = "delay", milliseconds = 15_000 }), Allowed = Answerless },
        new("apns-reset", "50 accepted pushes are reset before their answer")
        {
            Inject = run => StrikeAsync(run, new { times = Struck, kind = "resetStream", errorCode = 2, acceptFirst = true }), Allowed = Answerless,
        },
        new("apns-lost-answer", "50 accepted pushes are never answered, the connection lives")
        {
            Inject = run => StrikeAsync(run, new { times = Struck, kind = "stall", acceptFirst = true }), Allowed = Answerless,
        },
        new("apns-expired-token", "20 pushes are answered 403 ExpiredProviderToken")
        {
            Inject = run => StrikeAsync(run, new { times = 20, status = 403, reason = "ExpiredProviderToken" }), Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(45) },
        },
        new("apns-wrong-key", "every push is answered 403 InvalidProviderToken for 10 s")
        {
            Inject = run => StormAsync(run, new { share = 1.0, status = 403, reason = "InvalidProviderToken" }),
            Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(60), AnswersPerDevice = 1.5 },
        },
    ];

    private static Allowance Storm => new() { AnswersPerDevice = 3 };

    private static Allowance Answerless => new() { Duplicates = Struck, Ambiguous = Struck };

    private static async Task GoAwayAsync(ChaosRun run)
    {
        for (var i = 0; i < 10; i++)
        {
            await run.Installation.Simulator.OrderAsync("goaway");
            run.Progress.FaultEnded();
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static Task StormAsync(ChaosRun run, int status, string reason) => StormAsync(run, new { share = 0.5, status, reason });

    private static async Task StormAsync(ChaosRun run, object fault)
    {
        await run.Installation.Simulator.OrderAsync("faults", new[] { fault });
        await Task.Delay(StormTime);
        await run.Installation.Simulator.OrderAsync("faults", Array.Empty<object>());
        run.Progress.FaultEnded();
    }

    private static async Task StallAsync(ChaosRun run)
    {
        await run.Installation.Simulator.OrderAsync("freeze");
        run.Progress.FaultEnded();
    }

    private static async Task DropAsync(ChaosRun run)
    {
        for (var i = 0; i < 3; i++)
        {
            await run.Installation.Simulator.OrderAsync("drop");
            run.Progress.FaultEnded();
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task StrikeAsync(ChaosRun run, object fault)
    {
        await run.Installation.Simulator.OrderAsync("faults", new[] { fault });
        run.Progress.FaultEnded();
    }
}
