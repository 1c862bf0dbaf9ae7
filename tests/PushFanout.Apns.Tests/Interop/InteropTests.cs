using PushFanout.Apns.Tests.Kit;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Interop;

/// <summary>
/// Pushes to nginx, h2o and nghttpd: three HTTP/2 implementations that have nothing in common with ours, nor with the simulator's. Each push has exactly
/// one answer, the right one, and each server had each push exactly once.
/// </summary>
public sealed class InteropTests
{
    private const uint Dead = 0xdead0000, Bad = 0xbad00000, Busy = 0xb5000000;

    private static readonly FixedAnswer[] NotAccepted =
    [
        new("/3/device/dead0000", 410, """{"reason":"Unregistered","timestamp":1700000000000}"""),
        new("/3/device/bad00000", 400, """{"reason":"BadDeviceToken"}"""),
        new("/3/device/b5000000", 503, """{"reason":"ServiceUnavailable"}"""),
    ];

    private static readonly Dictionary<uint, (Answer, ApnsReason, int)> Meanings = new()
    {
        [0] = (Answer.Accepted, ApnsReason.None, 200),
        [Dead] = (Answer.Unregistered, ApnsReason.Unregistered, 410),
        [Bad] = (Answer.Suspect, ApnsReason.BadDeviceToken, 400),
        [Busy] = (Answer.Transient, ApnsReason.ServiceUnavailable, 503),
    };

    [Fact]
    public Task Through_nginx() => SendAsync(Http2Server.StartNginxAsync(new() { KeepsLog = true, Answers = NotAccepted }), 3_000);

    [Fact]
    public Task Through_h2o() => SendAsync(Http2Server.StartH2oAsync(new() { KeepsLog = true, Answers = NotAccepted }), 3_000);

    [Fact]
    [Trait("Length", "Long")]
    public Task Through_nginx_by_the_million() => SendAsync(Http2Server.StartNginxAsync(new() { KeepsLog = true, Answers = NotAccepted }), 1_000_000);

    [Fact]
    [Trait("Length", "Long")]
    public Task Through_h2o_by_the_million() => SendAsync(Http2Server.StartH2oAsync(new() { KeepsLog = true, Answers = NotAccepted }), 1_000_000);

    [Fact]
    public Task Through_nginx_that_ends_connections_all_the_time() => ThroughImpatientNginxAsync(2_000, 500);

    [Theory]
    [Trait("Length", "Long")]
    [InlineData(20_000, 100)]
    [InlineData(100_000, 1_000)] // nginx' own default
    public Task Through_nginx_that_ends_connections_for_a_minute(int pushes, int perConnection) => ThroughImpatientNginxAsync(pushes, perConnection);

    private static async Task ThroughImpatientNginxAsync(int pushes, int perConnection)
    {
        var connections = await SendAsync(
            Http2Server.StartNginxAsync(new() { KeepsLog = true, Answers = NotAccepted, RequestsPerConnection = perConnection }), pushes);

        Assert.InRange(connections, pushes / perConnection, pushes / perConnection * 2);
    }

    /// <returns>How many connections it took.</returns>
    private static async Task<long> SendAsync(Task<Http2Server> starting, int pushes)
    {
        await using var apns = await ForeignApns.StartAsync(starting, maxConnections: 2);
        var tokens = NumberedTokens.Of(pushes, Kind);
        var answers = new CollectedAnswers(pushes);
        int[] sizes = [30, 200, 4096];
        var third = pushes / sizes.Length;

        await Task.WhenAll(sizes.Select((size, i) => apns.Client.SendAsync(
            Pushes.New($"size-{size}", Guid.NewGuid(), size),
            tokens.AsMemory(i * third, i == sizes.Length - 1 ? pushes - (i * third) : third),
            new Part(answers, i * third),
            default,
            CancellationToken.None))).WaitAsync(TimeSpan.FromMinutes(10));

        var wrong = answers.All().Select((answer, i) => (Token: i, answer.Answer, answer.Reason, answer.Status))
            .Where(told => (told.Answer, told.Reason, told.Status) != Meanings[Kind(told.Token)]);
        Assert.Empty(wrong.Take(10));
        var connections = apns.Client.Statistics.ConnectionsOpened;
        var atServer = await apns.CountAtServerAsync(pushes);
        Assert.Empty(atServer.Index().Where(token => token.Item != 1).Take(10));
        return connections;
    }

    private static uint Kind(int token) => (token % 20) switch
    {
        7 => Dead,
        11 => Bad,
        13 => Busy,
        _ => 0,
    };

    /// <summary>Answers of a list that is part of a longer one.</summary>
    private sealed class Part(CollectedAnswers all, int begin) : IPushAnswers
    {
        public void OnAnswer(int index, in PushAnswer answer) => all.OnAnswer(begin + index, answer);
    }
}
