using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Strict;

/// <summary>Everything that can go wrong, at random and at full load: each push has one answer, and the simulator's books agree with it.</summary>
public sealed class StormTests
{
    private const int TokensPerRound = 5_000;
    private const int Senders = 3; // so that one's last answers, which may be overdue, leave no gap

    /// <summary>What may go wrong with a push that is fine; the rest of it goes well.</summary>
    private static readonly FaultPlan Weather = new(
    [
        new(0.01, Fault.Answer(503, "ServiceUnavailable")),
        new(0.005, Fault.Answer(500, "InternalServerError")),
        new(0.002, Fault.Answer(429, "TooManyRequests")),
        new(0.01, Fault.Delay(TimeSpan.FromMilliseconds(100))),
        new(0.0002, Fault.Stall(acceptFirst: true)),
        new(0.01, Fault.ResetStream()),
        new(0.002, Fault.ResetStream(errorCode: 2, acceptFirst: true)),
        new(0.002, Fault.ResetAnswer(new PushReply(500, "InternalServerError"))),
        new(0.0002, Fault.CutAnswer(new PushReply(500, "InternalServerError"))),
        new(0.0002, Fault.DropConnection()),
        new(0.0002, Fault.LoseAnswer()),
        new(0.0003, Fault.GoAway(GoAwayFrame.Because("Shutdown") with { Unhandled = 3, Twice = true })),
        new(0.0002, Fault.GoAway(GoAwayFrame.TooManyStreams)),
        new(0.0002, Fault.Answer(403, "ExpiredProviderToken")),
    ]);

    [Fact]
    public Task For_seconds() => RageAsync(TimeSpan.FromSeconds(1.5), answerTimeout: 6);

    [Fact]
    [Trait("Length", "Long")]
    public Task For_ten_minutes() => RageAsync(TimeSpan.FromMinutes(10), answerTimeout: 2);

    private static async Task RageAsync(TimeSpan time, double answerTimeout)
    {
        await using var apns = await SimulatedApns.StartStrictAsync(rules => rules with { MaxConnectionsPerMinute = 0 });
        apns.Simulator.Faults = Weather;
        apns.Simulator.Tokens.UnregisteredShare = 0.02;
        apns.Simulator.Tokens.BadTokenShare = 0.002;
        var client = apns.NewClient(maxConnections: 4, answerTimeout);
        var started = TimeProvider.System.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(SendAsync));

        apns.ExpectGoodManners();
        Assert.Equal(0, apns.Simulator.Stats.NotRemembered);
        Assert.InRange(apns.Simulator.Stats.Faults.Count, 4, int.MaxValue); // kinds: there was a storm
        await client.DisposeAsync();
        Assert.Equal((0, 0), (client.Statistics.PushesInFlight, client.Statistics.ConnectionsOpen));
        await Eventually.TrueAsync(
            () => apns.Simulator.Stats is { ConnectionsOpen: 0, RequestsInFlight: 0 }, TimeSpan.FromSeconds(60), "no connection is left, and no request");

        async Task SendAsync(int sender)
        {
            for (var round = 0; TimeProvider.System.GetElapsedTime(started) < time; round++)
            {
                await RoundAsync(apns, client, $"{sender}-{round}");
            }
        }
    }

    private static async Task RoundAsync(SimulatedApns apns, ApnsClient client, string notification)
    {
        var tokens = Pushes.Tokens(TokensPerRound);
        var answers = await client.SendAsync(tokens, Pushes.New(notification, Guid.NewGuid()));

        var accepted = apns.Simulator.Recorder.Pushes(notification).Where(push => push.IsAccepted).Select(push => push.TokenHash).ToList();
        var byAnswer = tokens.Zip(answers).ToLookup(pair => pair.Second.Answer, pair => DeviceTokenHash.Of(pair.First.Span));
        Assert.Equal(accepted.Count, accepted.Distinct().Count());
        Assert.Subset(accepted.ToHashSet(), byAnswer[Answer.Accepted].ToHashSet());
        Assert.Subset(byAnswer[Answer.Accepted].Concat(byAnswer[Answer.Ambiguous]).ToHashSet(), accepted.ToHashSet());
        Assert.Empty(byAnswer[Answer.Rejected].Concat(byAnswer[Answer.CredentialRefused]));
        Assert.InRange(byAnswer[Answer.Accepted].Count(), TokensPerRound / 2, TokensPerRound);
    }
}
