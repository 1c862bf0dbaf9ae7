using System.Security.Cryptography;
using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Strict;

/// <summary>The provider token's life as APNs sees it.</summary>
public sealed class ProviderTokenTests
{
    private readonly FakeClock clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task Over_hours_every_connection_sees_a_new_token_every_45_minutes_and_keeps_going()
    {
        await using var apns = await StartAsync();
        var clients = new[] { apns.NewClient(), apns.NewClient() };
        var token = ((ProviderTokenKey)apns.Credential).Token;
        for (var minutes = 0; minutes <= 180; minutes += 5)
        {
            // While one thread signs, a client's timer perhaps, the others still send the old one.
            await Eventually.TrueAsync(() => clock.GetElapsedTime(token.Get().SignedAt) < TimeSpan.FromMinutes(45), Eventually.Patience, "the token is renewed");
            foreach (var client in clients)
            {
                Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
            }
            clock.Pass(TimeSpan.FromMinutes(5));
        }
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
        Assert.Equal(2 * 4, apns.Simulator.Findings[Finding.ProviderTokenChanged]);
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task A_crowd_whose_token_expired_while_the_machine_slept_is_sent_again_with_a_new_one_over_a_new_connection()
    {
        var apnsClock = new FakeClock(clock.GetUtcNow());
        await using var apns = await SimulatedApns.StartAsync(new SimulatorOptions { Rules = ConnectionRules.Strict, TimeProvider = apnsClock }, clock);
        var client = apns.NewClient();
        await client.SendAsync();
        apnsClock.Pass(TimeSpan.FromHours(2));
        clock.StepWall(TimeSpan.FromHours(2)); // the monotonic clock stood still

        var answers = await client.SendAsync(Pushes.Tokens(300), Pushes.New(seed: Guid.NewGuid()));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((301, 0, 2), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates, apns.Simulator.Stats.ConnectionsTotal));
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task A_token_that_APNs_calls_expired_too_soon_is_not_changed_and_ends_as_a_refused_credential()
    {
        var apnsClock = new FakeClock(clock.GetUtcNow());
        await using var apns = await SimulatedApns.StartAsync(new SimulatorOptions { Rules = ConnectionRules.Strict, TimeProvider = apnsClock }, clock);
        apnsClock.Pass(TimeSpan.FromHours(2)); // one of us has a wrong clock

        var answer = await apns.NewClient().SendAsync();

        Assert.Equal((Answer.CredentialRefused, ApnsReason.ExpiredProviderToken), (answer.Answer, answer.Reason));
        Assert.InRange(apns.Simulator.Stats.ConnectionsTotal, 1, 3);
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task A_clock_that_was_ahead_at_the_start_costs_pushes_only_until_it_is_put_right()
    {
        var ahead = new FakeClock(clock.GetUtcNow() + TimeSpan.FromHours(3));
        await using var apns = await StartAsync(keyClock: ahead);
        var client = apns.NewClient();
        var before = await client.SendAsync();
        ahead.StepWall(TimeSpan.FromHours(-3));

        var after = await client.SendAsync(Pushes.Tokens(20), Pushes.New(seed: Guid.NewGuid()));

        Assert.Equal((Answer.CredentialRefused, ApnsReason.InvalidProviderToken), (before.Answer, before.Reason));
        Assert.All(after, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((20, 0), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates));
        Assert.Equal(2, ((ProviderTokenKey)apns.Credential).TokensSigned);
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task A_connection_that_had_too_many_tokens_is_left_and_the_token_kept()
    {
        await using var apns = await StartAsync(updateInterval: TimeSpan.FromHours(1));
        var client = apns.NewClient();
        var token = ((ProviderTokenKey)apns.Credential).Token;
        for (var i = 0; i < 3; i++) // the second change comes 45 minutes after the first
        {
            Assert.All(await client.SendAsync(Pushes.Tokens(50)), answer => Assert.Equal(Answer.Accepted, answer.Answer));
            var used = token.Get();
            clock.Pass(TimeSpan.FromMinutes(46));
            // While one thread signs, the others still send the old one.
            await Eventually.TrueAsync(() => !ReferenceEquals(token.Get(), used), Eventually.Patience, "the token is renewed");
        }
        Assert.Equal((150, 2), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.ConnectionsTotal));
    }

    [Theory]
    [InlineData(true, "BadEnvironmentKeyIdInToken")]
    [InlineData(false, "BadEnvironmentKeyInToken")]
    public async Task A_key_of_the_other_environment_stops_at_once_whichever_way_it_is_spelled(bool documented, string word)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var folder = new TemporaryFolder();
        using var credential = ProviderTokenKey.Load("TEAM123456", "KEY1234567", folder.Write("k.p8", key.ExportPkcs8PrivateKeyPem())).Credential!;
        var known = SimulatorKey.From(key, "TEAM123456", "KEY1234567");
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions
        {
            Rules = ConnectionRules.Strict,
            DocumentedEnvironmentKeyReason = documented,
            Keys = [new SimulatorKey { TeamId = known.TeamId, KeyId = known.KeyId, PublicKey = known.PublicKey, Scope = KeyScope.Sandbox }],
        });
        await using var client = new ApnsClient(credential, new ApnsClientOptions
        {
            Environment = ApnsEnvironment.Production,
            EndpointOverride = simulator.Endpoint,
            TrustedRoots = simulator.TrustedRoots,
        });

        var answers = await client.SendAsync(Pushes.Tokens(30));

        Assert.All(answers, answer => Assert.Equal(
            (Answer.CredentialRefused, ApnsReason.BadEnvironmentKeyIdInToken, word), (answer.Answer, answer.Reason, answer.ReasonText)));
        Assert.Equal(1, simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task A_thread_that_was_overtaken_with_the_old_token_in_hand_begins_its_pushes_with_the_new_one()
    {
        var held = new OvertakenClock(clock);
        var lease = new StartLease(clock);
        await using var apns = await StartAsync(keyClock: held);
        var client = apns.NewClient();
        await client.SendAsync();
        using var goOn = new ManualResetEventSlim();
        var hasOldToken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var overtaken = Task.Run(() =>
        {
            held.NextLookOfThisCall(() =>
            {
                hasOldToken.SetResult();
                goOn.Wait();
                lease.Grant(clock.GetTimestamp(), TimeSpan.FromHours(1)); // before, any other thread would begin its push
            });
            return client.SendAsync(Pushes.Alert, Pushes.Token(), new ApnsSendOptions(Starts: lease), CancellationToken.None).AsTask();
        });
        await hasOldToken.Task;
        clock.Pass(TimeSpan.FromMinutes(46));
        var withNewToken = await client.SendAsync();
        goOn.Set();

        Assert.All([withNewToken, await overtaken, await client.SendAsync()], answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((4, 1), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.ConnectionsTotal));
        Assert.Equal(1, apns.Simulator.Findings[Finding.ProviderTokenChanged]);
        apns.ExpectGoodManners();
    }

    private Task<SimulatedApns> StartAsync(TimeSpan? updateInterval = null, TimeProvider? keyClock = null) => SimulatedApns.StartAsync(
        new SimulatorOptions { Rules = ConnectionRules.Strict, TimeProvider = clock, ProviderTokenUpdateInterval = updateInterval ?? TimeSpan.FromMinutes(20) }, keyClock ?? clock);

    /// <summary>What it shows to one call is old by the time that call gets to know it.</summary>
    private sealed class OvertakenClock(TimeProvider time) : TimeProvider
    {
        private readonly AsyncLocal<Action?> meanwhile = new();

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override long GetTimestamp()
        {
            var now = time.GetTimestamp();
            if (meanwhile.Value is { } happens)
            {
                meanwhile.Value = null;
                happens();
            }
            return now;
        }

        public void NextLookOfThisCall(Action happens) => meanwhile.Value = happens;
    }
}
