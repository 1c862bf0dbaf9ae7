namespace PushFanout.ApnsSimulator.Tests;

/// <summary>Every check refuses with Apple's word, and an earlier one wins over a later one.</summary>
public sealed class CheckOrderTests
{
    private static readonly (string Reason, int Status, Action<HttpRequestMessage> Spoil)[] Checks =
    [
        ("MethodNotAllowed", 405, push => push.Method = HttpMethod.Put),
        ("BadPath", 404, push => push.RequestUri = new Uri("/4/device/00", UriKind.Relative)),
        ("MissingProviderToken", 403, push => push.Headers.Remove("authorization")),
        ("MissingTopic", 400, push => push.Headers.Remove("apns-topic")),
        ("InvalidPushType", 400, push => Set(push, "apns-push-type", "shout")),
        ("BadMessageId", 400, push => Set(push, "apns-id", "17")),
        ("BadPriority", 400, push => Set(push, "apns-priority", "7")),
        ("BadExpirationDate", 400, push => Set(push, "apns-expiration", "tomorrow")),
        ("BadCollapseId", 400, push => Set(push, "apns-collapse-id", new string('x', 65))),
        ("PayloadEmpty", 400, push => push.Content = new ByteArrayContent([])),
        ("BadDeviceToken", 400, push => push.RequestUri = new Uri("/3/device/xyz", UriKind.Relative)),
    ];

    public static TheoryData<int> AllChecks => [.. Enumerable.Range(0, Checks.Length)];

    [Theory]
    [MemberData(nameof(AllChecks))]
    public async Task Of_all_that_is_wrong_the_earliest_check_is_named(int first)
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        var push = apns.Push();
        foreach (var (_, _, spoil) in Checks[first..].Reverse())
        {
            spoil(push);
        }
        var answer = await apns.SendAsync(push);
        Assert.Equal((Checks[first].Status, Checks[first].Reason), (answer.Status, answer.Reason));
    }

    [Theory]
    [InlineData("apns-topic", "com.example.other", 400, "BadTopic")]
    [InlineData("apns-topic", "com example", 400, "BadTopic")]
    [InlineData("apns-topic", "com.example.shop.voip", 400, "InvalidPushType")]
    [InlineData("apns-push-type", "voip", 400, "InvalidPushType")]
    [InlineData("apns-push-type", "Alert", 400, "InvalidPushType")]
    [InlineData("apns-id", "123e4567e89b12d3a456426614174000", 400, "BadMessageId")]
    [InlineData("apns-id", "{123e4567-e89b-12d3-a456-42661417400}", 400, "BadMessageId")]
    [InlineData("apns-priority", "1", 200, null)]
    [InlineData("apns-priority", "5", 200, null)]
    [InlineData("apns-priority", "10", 200, null)]
    [InlineData("apns-priority", "010", 400, "BadPriority")]
    [InlineData("apns-expiration", "0", 200, null)]
    [InlineData("apns-expiration", "1800000000", 200, null)]
    [InlineData("apns-expiration", "1800000000000", 400, "BadExpirationDate")]
    [InlineData("apns-expiration", "-1", 400, "BadExpirationDate")]
    [InlineData("apns-expiration", "1800000000.5", 400, "BadExpirationDate")]
    [InlineData("apns-collapse-id", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg", 200, null)]
    public async Task A_header_is_judged_by_its_value(string name, string value, int status, string? reason)
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        var push = apns.Push();
        Set(push, name, value);
        var answer = await apns.SendAsync(push);
        Assert.Equal((status, reason), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task A_collapse_id_is_measured_in_bytes_not_in_characters()
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        await connection.PushAsync(1, apns.ProviderToken, more: [("apns-collapse-id", new string('ä', 33))]);
        var (_, body) = await connection.AnswerAsync(1);
        Assert.Contains("BadCollapseId", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_sent_twice_is_refused()
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        await connection.PushAsync(1, apns.ProviderToken, more: [("apns-priority", "5"), ("apns-priority", "5")]);
        var (_, body) = await connection.AnswerAsync(1);
        Assert.Contains("DuplicateHeaders", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/3/device/", "MissingDeviceToken")]
    [InlineData("/3/device", "MissingDeviceToken")]
    [InlineData("/3/device/aabb/cc", "BadPath")]
    [InlineData("/", "BadPath")]
    [InlineData("/3/device/abc", "BadDeviceToken")]
    [InlineData("/3/device/aabb?x=1", "BadDeviceToken")]
    [InlineData("/3/device/aa%2Faa", "BadDeviceToken")]
    public async Task A_path_has_to_end_in_hexadecimal_bytes(string path, string reason)
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        var push = apns.Push();
        push.RequestUri = new Uri(apns.Simulator.Endpoint, path);
        Assert.Equal(reason, (await apns.SendAsync(push)).Reason);
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(100, 200)]
    [InlineData(101, 400)]
    public async Task A_token_has_up_to_100_bytes_in_either_case(int bytes, int status)
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        Assert.Equal(status, (await apns.SendAsync(Client.Push(apns.ProviderToken, new string('a', 2 * bytes)))).Status);
        Assert.Equal(status, (await apns.SendAsync(Client.Push(apns.ProviderToken, new string('A', 2 * bytes)))).Status);
        Assert.Equal(status == 200 ? 1 : 0, apns.Simulator.Recorder.Pushes().Where(push => push.IsAccepted).Select(push => push.TokenHash).Distinct().Count());
    }

    [Theory]
    [InlineData("alert", "", 4096, 200)]
    [InlineData("alert", "", 4097, 413)]
    [InlineData("voip", ".voip", 5120, 200)]
    [InlineData("voip", ".voip", 5121, 413)]
    [InlineData("alert", "", 100_000, 413)]
    public async Task A_body_is_as_large_as_its_push_type_allows(string type, string suffix, int bytes, int status)
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        var push = Client.Push(apns.ProviderToken, body: $$"""{"aps":{},"x":"{{new string('x', bytes - 17)}}"}""");
        Set(push, "apns-push-type", type);
        Set(push, "apns-topic", Client.Topic + suffix);
        var answer = await apns.SendAsync(push);
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 413 ? "PayloadTooLarge" : null, answer.Reason);
    }

    [Theory]
    [InlineData("complication", ".complication")]
    [InlineData("fileprovider", ".pushkit.fileprovider")]
    [InlineData("location", ".location-query")]
    [InlineData("liveactivity", ".push-type.liveactivity")]
    [InlineData("pushtotalk", ".voip-ptt")]
    [InlineData("widgets", ".push-type.widgets")]
    [InlineData("controls", ".push-type.controls")]
    [InlineData("mdm", "")]
    public async Task A_push_type_goes_with_its_own_topic_only(string type, string suffix)
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        foreach (var (topic, status) in new[] { (Client.Topic + suffix, 200), (Client.Topic + ".voip", 400) })
        {
            var push = apns.Push();
            Set(push, "apns-push-type", type);
            Set(push, "apns-topic", topic);
            Assert.Equal(status, (await apns.SendAsync(push)).Status);
        }
    }

    [Fact]
    public async Task An_answer_echoes_the_id_or_makes_one_and_says_more_only_in_the_sandbox()
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        const string id = "123e4567-e89b-12d3-a456-426614174000";
        var push = apns.Push();
        Set(push, "apns-id", id);
        var answer = await apns.SendAsync(push);
        Assert.Equal((200, null, id), (answer.Status, answer.Reason, answer.ApnsId));
        Assert.False(answer.Headers.Contains("apns-unique-id"));

        var refused = Client.Push(apns.ProviderToken, body: "");
        Set(refused, "apns-id", id);
        Assert.Equal(id, (await apns.SendAsync(refused)).ApnsId);
        Assert.True(Guid.TryParse((await apns.SendAsync(apns.Push())).ApnsId, out _));

        await using var sandbox = await Bed.StartAsync(new() { Environment = SimulatedEnvironment.Sandbox });
        Assert.True((await sandbox.SendAsync(sandbox.Push())).Headers.Contains("apns-unique-id"));
    }

    [Fact]
    public async Task What_is_allowed_but_unwise_is_reported()
    {
        await using var apns = await Bed.StartAsync(new() { Topics = [Client.Topic] });
        var background = apns.Push();
        Set(background, "apns-push-type", "background");
        Assert.Equal(200, (await apns.SendAsync(background)).Status);
        var untyped = Client.Push(apns.ProviderToken, body: "hello");
        untyped.Headers.Remove("apns-push-type");
        Assert.Equal(200, (await apns.SendAsync(untyped)).Status);
        Assert.Equal(1, apns.Simulator.Findings[Finding.BackgroundAtPriority10]);
        Assert.Equal(1, apns.Simulator.Findings[Finding.MissingPushType]);
        Assert.Equal(1, apns.Simulator.Findings[Finding.PayloadIsNotJson]);
        Assert.Equal(1, apns.Simulator.Findings[Finding.ConnectionsInOneMinute]);
    }

    [Fact]
    public async Task Background_at_priority_10_can_be_made_an_error()
    {
        await using var apns = await Bed.StartAsync(new() { RefuseBackgroundAtPriority10 = true });
        foreach (var (priority, status) in new[] { ("10", 400), ("5", 200) })
        {
            var push = apns.Push();
            Set(push, "apns-push-type", "background");
            Set(push, "apns-priority", priority);
            Assert.Equal(status, (await apns.SendAsync(push)).Status);
        }
    }

    private static void Set(HttpRequestMessage push, string name, string value)
    {
        push.Headers.Remove(name);
        push.Headers.TryAddWithoutValidation(name, value);
    }
}
