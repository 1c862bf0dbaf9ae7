namespace PushFanout.Contracts.Tests.Validation;

public sealed class NotificationRequestedValidatorTests
{
    private static readonly NotificationRequested Good = Examples.MinimalRequest;
    private static readonly DateTimeOffset Now = Examples.Noon;

    [Fact]
    public void A_good_request_has_no_faults()
    {
        Assert.Empty(NotificationRequestedValidator.Validate(Good));
        Assert.Empty(NotificationRequestedValidator.Validate(Examples.Request, AtNow("com.example.shop")));
    }

    [Fact]
    public void An_object_gets_the_codes_that_its_JSON_gets()
    {
        var bad = Good with
        {
            NotificationId = Guid.Empty,
            App = "Shop",
            Audience = new Audience { NoneOf = ["x y"] },
            Payload = PushPayload.Parse("[]"),
            Priority = 3,
            CollapseId = "",
            PushesPerSecond = 0,
            Source = "a b",
            Reference = "a\nb",
        };

        var ofObject = NotificationRequestedValidator.Validate(bad);
        var ofJson = NotificationRequestedReader.Read(ContractJson.Serialize(bad)).Faults;

        Assert.Equal(9, ofObject.Count);
        Assert.Equal(ofObject, ofJson);
    }

    [Fact]
    public void An_object_that_a_lax_serializer_left_empty_is_named_and_does_not_throw()
    {
        var empty = new NotificationRequested { NotificationId = default, App = null!, Audience = null!, Payload = null! };

        Assert.Equal(["notificationId id_conflict", "app missing_field", "audience missing_field", "payload missing_field"], FaultsOf(empty));
    }

    [Theory]
    [InlineData(4096, PushType.Alert, true)]
    [InlineData(4097, PushType.Alert, false)]
    [InlineData(5120, PushType.Voip, true)]
    [InlineData(5121, PushType.Voip, false)]
    public void The_payload_may_be_as_large_as_APNs_takes_and_not_a_byte_larger(int bytes, PushType type, bool passes)
    {
        const string Before = """{"aps":{"alert":"é""", After = "\"}}";
        var filler = new string('x', bytes - System.Text.Encoding.UTF8.GetByteCount(Before + After));
        var request = Good with { PushType = type, Payload = PushPayload.Parse(Before + filler + After) };

        Assert.Equal(bytes, request.Payload.Length);
        Assert.Equal(passes ? [] : ["payload payload_too_large"], FaultsOf(request));
        if (!passes)
            Assert.Contains($"{bytes} bytes", NotificationRequestedValidator.Validate(request)[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"alert":"Hi"}""", PushType.Alert, false)]
    [InlineData("""{"aps":"Hi"}""", PushType.Alert, false)]
    [InlineData("""{"aps":null}""", PushType.Alert, false)]
    [InlineData("""{"aps":{},"aps":{}}""", PushType.Alert, false)]
    [InlineData("\"{}\"", PushType.Voip, false)]
    [InlineData("""{"aps":1}""", PushType.Voip, false)]
    [InlineData("""{"call":1}""", PushType.Voip, true)]
    [InlineData("""{"mdm":"magic"}""", PushType.Mdm, true)]
    [InlineData("""{"aps":{}}""", PushType.Background, true)]
    [InlineData("""{"\u0061ps":{}}""", PushType.Alert, true)]
    public void The_payload_has_the_form_that_its_push_type_asks_for(string payload, PushType type, bool passes) =>
        Assert.Equal(passes ? [] : ["payload invalid_payload"], FaultsOf(Good with { PushType = type, Payload = PushPayload.Parse(payload) }));

    [Theory]
    [InlineData(PushType.Alert, 10, true)]
    [InlineData(PushType.Alert, 1, true)]
    [InlineData(PushType.Alert, 7, false)]
    [InlineData(PushType.Alert, 0, false)]
    [InlineData(PushType.Alert, -10, false)]
    [InlineData(PushType.Background, 5, true)]
    [InlineData(PushType.Background, 10, false)]
    [InlineData(PushType.LiveActivity, 1, false)]
    public void The_priority_is_one_that_the_push_type_has(PushType type, int priority, bool passes) =>
        Assert.Equal(passes ? [] : ["priority invalid_value"], FaultsOf(Good with { PushType = type, Priority = priority }));

    [Fact]
    public void The_collapse_id_is_counted_in_bytes()
    {
        var exactly64 = string.Concat(Enumerable.Repeat("ü€", 12)) + "1234"; // 12 × (2 + 3) + 4

        Assert.Empty(FaultsOf(Good with { CollapseId = exactly64 }));
        Assert.Equal(["collapseId invalid_value"], FaultsOf(Good with { CollapseId = exactly64 + "5" }));
    }

    [Theory]
    [InlineData("a\r\nx-evil: 1")]
    [InlineData("a\r")]
    [InlineData("\na")]
    [InlineData("a\0b")]
    [InlineData("a\tb")]
    [InlineData("a\u0085b")]
    public void Nothing_that_becomes_a_header_has_a_control_character(string value) => AssertRefusedEverywhere(value);

    [Fact]
    public void Nothing_that_becomes_a_header_has_half_a_character() => AssertRefusedEverywhere("\ud83d");

    [Theory]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("")]
    public void A_collapse_id_is_a_whole_header_value(string value) =>
        Assert.Equal(["collapseId invalid_value"], FaultsOf(Good with { CollapseId = value }));

    [Theory]
    [InlineData("com.example.shop.voip", PushType.Alert, false)]
    [InlineData("com.example.shop.voip", PushType.Voip, true)]
    [InlineData("com.example.shop.voip-ptt", PushType.Voip, false)]
    [InlineData("com.example.shop.push-type.liveactivity", PushType.Alert, false)]
    [InlineData("com.example.shop", PushType.Voip, true)]
    [InlineData("com.example.shop", PushType.Alert, true)]
    public void A_topic_for_one_push_type_takes_no_other(string topic, PushType type, bool passes) =>
        Assert.Equal(passes ? [] : ["pushType topic_mismatch"], FaultsOf(Good with { PushType = type }, AtNow(topic)));

    [Fact]
    public void What_the_worker_knows_of_the_app_is_checked_only_when_it_is_known()
    {
        var noApps = new WorkerContext { FindApp = _ => null };
        var oneSource = new WorkerContext { FindApp = _ => new AppFacts { Topic = "com.example.shop", AllowedSources = ["campaigns"] } };

        Assert.Empty(FaultsOf(Good));
        Assert.Equal(["app unknown_app"], FaultsOf(Good, noApps));
        Assert.Empty(FaultsOf(Good with { Source = "campaigns" }, oneSource));
        Assert.Equal(["source source_not_allowed"], FaultsOf(Good with { Source = "checkout" }, oneSource));
        Assert.Equal(["source source_not_allowed"], FaultsOf(Good, oneSource));
    }

    [Fact]
    public void Times_lie_at_most_30_days_ahead()
    {
        var last = Now.AddDays(30);

        Assert.Empty(FaultsOf(Good with { Expiration = last, Deadline = last }, AtNow()));
        Assert.Equal(
            ["expiration invalid_value", "deadline invalid_value"],
            FaultsOf(Good with { Expiration = last.AddSeconds(1), Deadline = last.AddSeconds(1) }, AtNow()));
        Assert.Empty(FaultsOf(Good with { Expiration = last.AddYears(1) })); // a producer's clock is not asked
        Assert.Equal(["expiration invalid_value"], FaultsOf(Good with { Expiration = DateTimeOffset.UnixEpoch.AddSeconds(-1) }));
    }

    [Fact]
    public void Times_that_have_passed_are_no_fault_but_seen()
    {
        var expired = Good with { Expiration = Now.AddSeconds(-1) };
        var late = Good with { Deadline = Now };

        Assert.Empty(FaultsOf(expired, AtNow()));
        Assert.Empty(FaultsOf(late, AtNow()));
        Assert.True(expired.HasExpiredBy(Now));
        Assert.True(late.HasExpiredBy(Now));
        Assert.False(late.HasExpiredBy(Now.AddSeconds(-1)));
        Assert.False(Good.HasExpiredBy(Now));
    }

    [Fact]
    public void Times_that_leave_no_time_to_send_are_refused()
    {
        var request = Good with { NotBefore = Now.AddHours(2), Deadline = Now.AddHours(1), Expiration = Now.AddHours(2) };

        Assert.Equal(["deadline conflicting_fields", "expiration conflicting_fields"], FaultsOf(request));
    }

    [Fact]
    public void Storing_until_and_not_storing_cannot_both_be_asked_for() =>
        Assert.Equal(["storeIfOffline conflicting_fields"], FaultsOf(Good with { StoreIfOffline = false, Expiration = Now }));

    [Fact]
    public void The_lists_of_an_audience_are_bounded()
    {
        string[] names = [.. Enumerable.Range(0, 33).Select(i => $"a{i}")];
        string[] members = [.. Enumerable.Repeat("aa", 5_001)];

        Assert.Empty(FaultsOf(Good with { Audience = new Audience { AnyOf = names[1..], Users = members[1..], Tokens = members[1..] } }));
        Assert.Equal(["audience.noneOf invalid_audience"], FaultsOf(Good with { Audience = new Audience { AnyOf = ["all"], NoneOf = names } }));
        Assert.Equal(["audience invalid_audience"], FaultsOf(Good with { Audience = new Audience { Users = members, Tokens = members } }));
    }

    [Fact]
    public void A_number_that_is_in_no_enum_is_named()
    {
        var request = Good with { PushType = (PushType)99, Lane = (Lane)(-1), Report = (Report)7 };

        Assert.Equal(["lane invalid_value", "report invalid_value", "pushType invalid_value"], FaultsOf(request));
    }

    private static void AssertRefusedEverywhere(string value)
    {
        Assert.Equal(["collapseId invalid_value"], FaultsOf(Good with { CollapseId = value }));
        Assert.Equal(["source invalid_value"], FaultsOf(Good with { Source = value }));
        Assert.Equal(["reference invalid_value"], FaultsOf(Good with { Reference = value }));
        Assert.Equal(["app invalid_value"], FaultsOf(Good with { App = value }));
        Assert.Equal(["audience.anyOf[0] invalid_audience"], FaultsOf(Good with { Audience = Audience.OfAny(value) }));
        Assert.Equal(["audience.users[0] invalid_audience"], FaultsOf(Good with { Audience = Audience.OfUsers(value) }));
    }

    private static IEnumerable<string> FaultsOf(NotificationRequested request, WorkerContext? context = null) =>
        NotificationRequestedValidator.Validate(request, context).Select(fault => $"{fault.Field} {fault.Code}");

    private static WorkerContext AtNow(string topic = "com.example.shop") =>
        new() { Now = Now, FindApp = _ => new AppFacts { Topic = topic } };
}
