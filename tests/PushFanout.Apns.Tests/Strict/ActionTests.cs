using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;

namespace PushFanout.Apns.Tests.Strict;

/// <summary>What the client does by itself on each of Apple's words: leaves it to its caller, changes the connection, or sends again.</summary>
public sealed class ActionTests(ActionTests.Apns fixture) : IClassFixture<ActionTests.Apns>
{
    private const int Once = 1, Again = 2, SameConnection = 1, AnotherConnection = 2;

    [Theory]
    [InlineData(400, "BadCollapseId", Once, SameConnection)]
    [InlineData(400, "BadDeviceToken", Once, SameConnection)]
    [InlineData(400, "BadExpirationDate", Once, SameConnection)]
    [InlineData(400, "BadMessageId", Once, SameConnection)]
    [InlineData(400, "BadPriority", Once, SameConnection)]
    [InlineData(400, "BadTopic", Once, SameConnection)]
    [InlineData(400, "DeviceTokenNotForTopic", Once, SameConnection)]
    [InlineData(400, "DuplicateHeaders", Once, SameConnection)]
    [InlineData(400, "IdleTimeout", Once, AnotherConnection)]
    [InlineData(400, "InvalidPushType", Once, SameConnection)]
    [InlineData(400, "MissingDeviceToken", Once, SameConnection)]
    [InlineData(400, "MissingTopic", Once, SameConnection)]
    [InlineData(400, "PayloadEmpty", Once, SameConnection)]
    [InlineData(400, "TopicDisallowed", Once, SameConnection)]
    [InlineData(403, "BadCertificate", Once, AnotherConnection)]
    [InlineData(403, "BadCertificateEnvironment", Once, AnotherConnection)]
    [InlineData(403, "ExpiredProviderToken", Again, AnotherConnection)]
    [InlineData(403, "Forbidden", Once, SameConnection)]
    [InlineData(403, "InvalidProviderToken", Once, SameConnection)]
    [InlineData(403, "MissingProviderToken", Once, SameConnection)]
    [InlineData(403, "UnrelatedKeyIdInToken", Again, AnotherConnection)]
    [InlineData(403, "BadEnvironmentKeyIdInToken", Once, SameConnection)]
    [InlineData(403, "BadEnvironmentKeyInToken", Once, SameConnection)]
    [InlineData(404, "BadPath", Once, SameConnection)]
    [InlineData(405, "MethodNotAllowed", Once, SameConnection)]
    [InlineData(410, "ExpiredToken", Once, SameConnection)]
    [InlineData(410, "Unregistered", Once, SameConnection)]
    [InlineData(413, "PayloadTooLarge", Once, SameConnection)]
    [InlineData(429, "TooManyProviderTokenUpdates", Again, AnotherConnection)]
    [InlineData(429, "TooManyRequests", Once, SameConnection)]
    [InlineData(500, "InternalServerError", Once, SameConnection)]
    [InlineData(503, "ServiceUnavailable", Once, SameConnection)]
    [InlineData(503, "Shutdown", Once, AnotherConnection)]
    [InlineData(400, "AWordOfTomorrow", Once, SameConnection)]
    public async Task Each_of_Apples_words_is_acted_upon(int status, string word, int requests, int connections)
    {
        var simulator = fixture.Simulated.Simulator;
        var client = fixture.Simulated.NewClient();
        await client.SendAsync();
        var before = simulator.Stats.Answered;
        var token = Pushes.Token();
        simulator.Tokens.Strike(token.Span, Fault.Answer(status, word), times: 1);

        var answer = await client.SendAsync(token);

        Assert.Equal(requests, simulator.Stats.Answered - before);
        Assert.Equal(requests == Again, answer.Answer == Answer.Accepted);
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal(connections, client.Statistics.ConnectionsOpened);
        fixture.Simulated.ExpectGoodManners();
    }

    [Fact]
    public async Task What_a_device_has_had_too_much_of_is_not_its_neighbours_fault()
    {
        await using var apns = await SimulatedApns.StartAsync(new SimulatorOptions { Rules = ConnectionRules.Strict, DeviceBurst = 3 });
        var client = apns.NewClient();
        var one = Pushes.Token();

        var answers = await client.SendAsync([one, .. Pushes.Tokens(20), one, .. Pushes.Tokens(20), one, one, .. Pushes.Tokens(20)]);

        var throttled = Assert.Single(answers, answer => answer.Answer != Answer.Accepted);
        Assert.Equal((Answer.Transient, ApnsReason.TooManyRequests), (throttled.Answer, throttled.Reason));
        Assert.Equal(answers.Length, apns.Simulator.Stats.Answered);
        apns.ExpectGoodManners();
    }

    public sealed class Apns : IAsyncLifetime
    {
        internal SimulatedApns Simulated { get; private set; } = null!;

        public async Task InitializeAsync() => Simulated = await SimulatedApns.StartStrictAsync();

        public Task DisposeAsync() => Simulated.DisposeAsync().AsTask();
    }
}
