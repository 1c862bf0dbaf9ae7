using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Oracle;
using PushFanout.Chaos.Running;

namespace PushFanout.Chaos.Faults;

/// <summary>What happens at APNs, as far as the simulator's control port can make it.</summary>
internal static class ApnsFaults
{
    private const int Struck = 50;
    private static readonly object TooManyStreams = new { debug = "Maximum active streams violated for this endpoint.", errorCode = 7, drop = true };
    private static readonly string[] BadManners = ["streamsBeforeSettings", "streamLimitExceeded", "priorityFrame", "pathIndexed", "tooManyConnections", "providerTokenChangedTooOften"];
    private static readonly TimeSpan StormTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StalledPushes = TimeSpan.FromSeconds(15);

    /// <summary>Everything in flight on every connection of two workers.</summary>
    private const int InFlight = 2 * ChaosPlan.ConnectionsPerWorker * ChaosPlan.StreamsPerConnection;

    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        new("apns-goaway", "GOAWAY to every connection, once a second for 10 s") { Inject = run => GoAwayAsync(run, null), Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(5) } },
        new("apns-goaway-window", "GOAWAY in the middle of each connection's window, 20 streams above its last one, once a second for 10 s")
        {
            Inject = run => GoAwayAsync(run, new { debug = """{"reason":"Shutdown"}""", unhandled = 20, twice = true }),
            Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(5) },
        },
        new("apns-goaway-dropped", "two pushes end their connections with \"Maximum active streams violated\", answers outstanding, three times")
        {
            Inject = run => ThriceAsync(run, "faults", new[] { new { times = 2, kind = "goAway", frame = TooManyStreams } }),
            Allowed = Lost(3 * 2 * ChaosPlan.StreamsPerConnection),
        },
        new("apns-strict", "APNs at its strictest: one stream at first and after each rejection, bad manners end a connection; GOAWAY once a second for 10 s")
        {
            Shape = plan => plan with { StrictApns = true }, Inject = StayStrictAsync, Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(5) },
        },
        new("apns-one-stream", "every connection has one stream for 10 s") { Inject = run => LimitStreamsAsync(run, 1), Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(5) } },
        new("apns-no-stream", "no connection has a stream for 10 s") { Inject = run => LimitStreamsAsync(run, 0) },
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
            Inject = run => ThriceAsync(run, "drop"), Allowed = Lost(3 * InFlight),
        },
        new("apns-late", "50 answers come 15 s late, after we gave them up") { Inject = run => StrikeAsync(run, new { times = Struck, kind = "delay", milliseconds = 15_000 }), Allowed = Answerless },
        new("apns-reset", "50 accepted pushes are reset before their answer")
        {
            Inject = run => StrikeAsync(run, new { times = Struck, kind = "resetStream", errorCode = 2, acceptFirst = true }), Allowed = Answerless,
        },
        new("apns-broken-answer", "50 answers are reset in the middle of their body")
        {
            Inject = run => StrikeAsync(run, new { times = Struck, kind = "resetAnswer", status = 500, reason = "InternalServerError", errorCode = 2 }),
        },
        new("apns-cut-answer", "5 connections end in the middle of an answer")
        {
            Inject = run => StrikeAsync(run, new { times = 5, kind = "cutAnswer", status = 500, reason = "InternalServerError" }), Allowed = Lost(5 * ChaosPlan.StreamsPerConnection),
        },
        new("apns-mute-pings", "PINGs are not answered for 20 s, pushes are") { Inject = LeavePingsAsync, Allowed = Lost(InFlight) },
        new("apns-flooded", "every connection gets 100,000 PINGs, then as many SETTINGS, then both")
        {
            Inject = FloodAsync, Allowed = Lost(4 * InFlight),
        },
        new("apns-lost-answer", "50 accepted pushes are never answered, the connection lives")
        {
            Inject = run => StrikeAsync(run, new { times = Struck, kind = "stall", acceptFirst = true }), Allowed = Answerless,
        },
        new("apns-expired-token", "20 pushes are answered 403 ExpiredProviderToken")
        {
            Inject = run => StrikeAsync(run, new { times = 20, status = 403, reason = "ExpiredProviderToken" }), Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(45) },
        },
        new("apns-token-updates", "20 pushes are answered 429 TooManyProviderTokenUpdates")
        {
            Inject = run => StrikeAsync(run, new { times = 20, status = 429, reason = "TooManyProviderTokenUpdates" }),
        },
        new("apns-wrong-environment-key", "every push is answered 403 BadEnvironmentKeyInToken for 10 s")
        {
            Inject = run => StormAsync(run, new { share = 1.0, status = 403, reason = "BadEnvironmentKeyInToken" }),
            Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(60), AnswersPerDevice = 1.5 },
        },
        new("apns-wrong-key", "every push is answered 403 InvalidProviderToken for 10 s")
        {
            Inject = run => StormAsync(run, new { share = 1.0, status = 403, reason = "InvalidProviderToken" }),
            Allowed = new Allowance { Recovery = TimeSpan.FromSeconds(60), AnswersPerDevice = 1.5 },
        },
    ];

    private static Allowance Storm => new() { AnswersPerDevice = 3 };

    private static Allowance Answerless => Lost(Struck);

    /// <summary>Answers that are lost: each push may be sent again.</summary>
    private static Allowance Lost(int answers) => new() { Duplicates = answers, Ambiguous = answers };

    private static async Task GoAwayAsync(ChaosRun run, object? frame)
    {
        for (var i = 0; i < 10; i++)
        {
            await run.Installation.Simulator.OrderAsync("goaway", frame);
            run.Progress.FaultEnded();
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task StayStrictAsync(ChaosRun run)
    {
        await GoAwayAsync(run, null);
        var findings = await run.Installation.Simulator.ReadFindingsAsync();
        run.Log($"findings: {string.Join(", ", findings.Select(finding => $"{finding.Key} {finding.Value}"))}");
        foreach (var bad in BadManners.Where(findings.ContainsKey))
        {
            run.Expect(false, $"the simulator found {bad} {findings[bad]} times");
        }
    }

    private static async Task LimitStreamsAsync(ChaosRun run, int limit)
    {
        await run.Installation.Simulator.OrderAsync("streams", new { limit });
        await Task.Delay(StormTime);
        await run.Installation.Simulator.OrderAsync("streams", new { limit = (int?)null });
        run.Progress.FaultEnded();
    }

    private static async Task LeavePingsAsync(ChaosRun run)
    {
        await run.Installation.Simulator.OrderAsync("pings", new { answered = false });
        await Task.Delay(2 * StormTime);
        await run.Installation.Simulator.OrderAsync("pings", new { answered = true });
        run.Progress.FaultEnded();
    }

    private static async Task FloodAsync(ChaosRun run)
    {
        foreach (var frames in (string[][])[["ping"], ["settings"], ["ping", "settings"]])
        {
            foreach (var frame in frames)
            {
                await run.Installation.Simulator.OrderAsync("flood", new { frame, count = 100_000 });
            }
            run.Progress.FaultEnded();
            await Task.Delay(TimeSpan.FromSeconds(3));
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

    private static async Task ThriceAsync(ChaosRun run, string order, object? body = null)
    {
        for (var i = 0; i < 3; i++)
        {
            await run.Installation.Simulator.OrderAsync(order, body);
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
