namespace PushFanout.ApnsSimulator.Tests;

/// <summary>The first push binds a connection to its team, key and token; keys have environments and topics.</summary>
public sealed class ConnectionBindingTests
{
    private static readonly Signer First = Signer.New("TEAMAAAAAA", "KEYAAAAAAA");
    private static readonly Signer SameTeam = Signer.New("TEAMAAAAAA", "KEYBBBBBBB");
    private static readonly Signer OtherTeam = Signer.New("TEAMBBBBBB", "KEYCCCCCCC");

    [Fact]
    public async Task Another_key_or_team_needs_a_connection_of_its_own()
    {
        await using var apns = await Bed.StartAsync(new() { Keys = [First.Public, SameTeam.Public, OtherTeam.Public] });
        Assert.Equal(200, (await apns.SendAsync(Client.Push(First.Sign()))).Status);
        Assert.Equal("UnrelatedKeyIdInToken", (await apns.SendAsync(Client.Push(SameTeam.Sign()))).Reason);
        Assert.Equal("InvalidProviderToken", (await apns.SendAsync(Client.Push(OtherTeam.Sign()))).Reason);
        Assert.Equal(200, (await apns.SendAsync(Client.Push(First.Sign()))).Status);
        using var second = new Client(apns.Simulator);
        Assert.Equal(200, (await second.SendAsync(Client.Push(SameTeam.Sign()))).Status);
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task A_related_key_may_share_the_connection()
    {
        var first = new SimulatorKey { TeamId = First.TeamId, KeyId = First.KeyId, PublicKey = First.Public.PublicKey, RelatedKeyId = SameTeam.KeyId };
        await using var apns = await Bed.StartAsync(new() { Keys = [first, SameTeam.Public] });
        Assert.Equal(200, (await apns.SendAsync(Client.Push(First.Sign()))).Status);
        Assert.Equal(200, (await apns.SendAsync(Client.Push(SameTeam.Sign()))).Status);
    }

    [Fact]
    public async Task A_token_may_change_every_20_minutes_and_no_sooner()
    {
        var clock = new SettableClock();
        await using var apns = await Bed.StartAsync(new() { TimeProvider = clock });
        string Fresh(int age) => apns.Signer.Sign(clock.GetUtcNow().AddSeconds(-age));
        async Task<string?> Send(string token) => (await apns.SendAsync(Client.Push(token))).Reason;

        Assert.Null(await Send(Fresh(0)));
        var second = Fresh(1);
        Assert.Null(await Send(second));
        Assert.Equal("TooManyProviderTokenUpdates", await Send(Fresh(2)));
        Assert.Null(await Send(second));
        clock.Move(TimeSpan.FromMinutes(21));
        Assert.Null(await Send(Fresh(0)));
        Assert.Equal(2, apns.Simulator.Findings[Finding.ProviderTokenChanged]);
        Assert.Equal(1, apns.Simulator.Findings[Finding.ProviderTokenChangedTooOften]);
    }

    [Fact]
    public async Task A_push_that_the_change_of_token_overtook_is_not_a_change()
    {
        var clock = new SettableClock();
        await using var apns = await Bed.StartAsync(new() { TimeProvider = clock });
        var old = apns.ProviderToken;
        var fresh = apns.Signer.Sign(clock.GetUtcNow().AddSeconds(-5));
        Assert.Equal(200, (await apns.SendAsync(Client.Push(old))).Status);
        Assert.Equal(200, (await apns.SendAsync(Client.Push(fresh))).Status);
        Assert.Equal(200, (await apns.SendAsync(Client.Push(old))).Status);
        Assert.Equal(1, apns.Simulator.Findings[Finding.ProviderTokenChanged]);
    }

    [Theory]
    [InlineData(true, "ExpiredProviderToken")]
    [InlineData(false, null)]
    public async Task A_connection_that_saw_an_expired_token_is_lost_to_a_fresh_one_when_the_rules_say_so(bool staysExpired, string? reason)
    {
        await using var apns = await Bed.StartAsync(new() { Rules = new() { StaysExpired = staysExpired } });
        var old = apns.Signer.Sign(TimeProvider.System.GetUtcNow().AddHours(-2));
        Assert.Equal("ExpiredProviderToken", (await apns.SendAsync(Client.Push(old))).Reason);
        Assert.Equal(reason, (await apns.SendAsync(apns.Push())).Reason);
        using var another = new Client(apns.Simulator);
        Assert.Equal(200, (await another.SendAsync(apns.Push())).Status);
    }

    [Theory]
    [InlineData(KeyScope.Production, SimulatedEnvironment.Production, false, null)]
    [InlineData(KeyScope.Production, SimulatedEnvironment.Sandbox, false, "BadEnvironmentKeyInToken")]
    [InlineData(KeyScope.Sandbox, SimulatedEnvironment.Sandbox, false, null)]
    [InlineData(KeyScope.Sandbox, SimulatedEnvironment.Production, false, "BadEnvironmentKeyInToken")]
    [InlineData(KeyScope.Sandbox, SimulatedEnvironment.Production, true, "BadEnvironmentKeyIdInToken")]
    public async Task A_key_is_good_in_its_environment_only(KeyScope scope, SimulatedEnvironment environment, bool documented, string? reason)
    {
        var key = new SimulatorKey { TeamId = First.TeamId, KeyId = First.KeyId, PublicKey = First.Public.PublicKey, Scope = scope };
        await using var apns = await Bed.StartAsync(new() { Keys = [key], Environment = environment, DocumentedEnvironmentKeyReason = documented });
        var answer = await apns.SendAsync(Client.Push(First.Sign()));
        Assert.Equal((reason is null ? 200 : 403, reason), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task A_key_for_some_topics_is_refused_for_others()
    {
        var key = new SimulatorKey
        {
            TeamId = First.TeamId,
            KeyId = First.KeyId,
            PublicKey = First.Public.PublicKey,
            Topics = new HashSet<string> { "com.example.other" },
        };
        await using var apns = await Bed.StartAsync(new() { Keys = [key], Topics = [Client.Topic, "com.example.other"] });
        var answer = await apns.SendAsync(Client.Push(First.Sign()));
        Assert.Equal((400, "TopicDisallowed"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task A_client_certificate_stands_in_for_token_and_single_topic()
    {
        using var authority = SimulatorAuthority.Create();
        using var certificate = authority.IssueClientCertificate("com.example.shop");
        await using var apns = await Bed.StartAsync(new() { ClientCertificates = [new(certificate, [Client.Topic])] });
        using var client = new Client(apns.Simulator, certificate);
        var push = Client.Push(null);
        push.Headers.Remove("apns-topic");
        Assert.Equal(200, (await client.SendAsync(push)).Status);
        var other = Client.Push(null);
        other.Headers.Remove("apns-topic");
        other.Headers.TryAddWithoutValidation("apns-topic", "com.example.other");
        Assert.Equal("TopicDisallowed", (await client.SendAsync(other)).Reason);
        Assert.Equal("MissingProviderToken", (await apns.SendAsync(Client.Push(null))).Reason);

        using var stranger = authority.IssueClientCertificate("com.example.shop");
        using var unknown = new Client(apns.Simulator, stranger);
        await Assert.ThrowsAsync<HttpRequestException>(() => unknown.SendAsync(Client.Push(null)));
    }
}
