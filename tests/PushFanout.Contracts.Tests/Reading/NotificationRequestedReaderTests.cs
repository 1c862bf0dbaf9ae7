namespace PushFanout.Contracts.Tests.Reading;

public sealed class NotificationRequestedReaderTests
{
    [Fact]
    public void Every_field_arrives()
    {
        var reading = NotificationRequestedReader.Read(ContractJson.Serialize(Examples.Request));

        Assert.Empty(reading.Faults);
        var request = Assert.IsType<NotificationRequested>(reading.Message);
        Assert.Equal(ContractJson.Serialize(Examples.Request), ContractJson.Serialize(request));
    }

    [Fact]
    public void What_is_not_given_has_its_default()
    {
        var request = RequestJson.Read(RequestJson.Good).Message!;

        Assert.Equal(PushType.Alert, request.PushType);
        Assert.Equal(Lane.Normal, request.Lane);
        Assert.Equal(Report.Summary, request.Report);
        Assert.True(request.StoreIfOffline);
        Assert.False(request.DryRun);
        Assert.Null(request.Priority);
    }

    [Fact]
    public void Null_is_not_given()
    {
        var json = RequestJson.With("""
            "pushType":null,"lane":null,"priority":null,"collapseId":null,"expiration":null,"storeIfOffline":null,"notBefore":null,
            "deadline":null,"pushesPerSecond":null,"maxAudience":null,"dryRun":null,"report":null,"source":null,"reference":null,
            "aFieldOfTheFuture":null
            """);

        Assert.Empty(RequestJson.FaultsOf(json));
        Assert.Equal(RequestDigest.Of(RequestJson.Read(RequestJson.Good).Message!), RequestDigest.Of(RequestJson.Read(json).Message!));
    }

    [Fact]
    public void All_faults_are_reported_at_once()
    {
        var json = """
            {"notificationId":"0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d","app":"Shop iOS","audience":{"anyOf":["ok",5,"not ok","*"],"Users":["u1"]},
             "payload":{"alert":"Hi"},"priority":"5","pushType":1,"lane":"fast","dryRun":"yes","expiration":1700000000,"colapseId":"x",
             "source":"a.b","source":"c","maxAudience":0}
            """;

        Assert.Equal(
            [
                "app invalid_value",
                "audience.Users unknown_field",
                "audience.anyOf[1] wrong_type",
                "audience.anyOf[2] invalid_audience",
                "audience.anyOf[3] invalid_audience",
                "colapseId unknown_field",
                "dryRun wrong_type",
                "expiration wrong_type",
                "lane invalid_value",
                "maxAudience invalid_value",
                "payload invalid_payload",
                "priority wrong_type",
                "pushType wrong_type",
                "source duplicate_field",
            ],
            RequestJson.FaultsOf(json).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{}", "app missing_field", "audience missing_field", "notificationId missing_field", "payload missing_field")]
    [InlineData("[]", "$ wrong_type")]
    [InlineData("\"hello\"", "$ wrong_type")]
    public void What_is_missing_is_named(string json, params string[] faults) =>
        Assert.Equal(faults, RequestJson.FaultsOf(json).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("\"priority\":\"5\"", "priority wrong_type")]
    [InlineData("\"priority\":5.5", "priority invalid_value")]
    [InlineData("\"priority\":99999999999", "priority invalid_value")]
    [InlineData("\"priority\":7", "priority invalid_value")]
    [InlineData("\"pushType\":0", "pushType wrong_type")]
    [InlineData("\"pushType\":\"0\"", "pushType invalid_value")]
    [InlineData("\"pushType\":\"Alert\"", "pushType invalid_value")]
    [InlineData("\"pushType\":\"telegram\"", "pushType invalid_value")]
    [InlineData("\"lane\":\"normal,urgent\"", "lane invalid_value")]
    [InlineData("\"storeIfOffline\":0", "storeIfOffline wrong_type")]
    [InlineData("\"collapseId\":17", "collapseId wrong_type")]
    [InlineData("\"deadline\":\"tomorrow\"", "deadline invalid_value")]
    [InlineData("\"deadline\":\"2026-11-22T10:30:00\"", "deadline invalid_value")]
    [InlineData("\"deadline\":\"2026-11-22\"", "deadline invalid_value")]
    [InlineData("\"expiration\":1795948200000", "expiration wrong_type")]
    [InlineData("\"expiration\":-1", "expiration wrong_type")]
    [InlineData("\"maxAudience\":true", "maxAudience wrong_type")]
    [InlineData("\"app\":\"other\"", "app duplicate_field")]
    [InlineData("\"App\":\"other\"", "App unknown_field")]
    [InlineData("\"silent\":true", "silent unknown_field")]
    [InlineData("\"\":true", "\"\" unknown_field")]
    public void A_field_of_the_wrong_shape_is_named(string field, string fault) =>
        Assert.Equal([fault], RequestJson.FaultsOf(RequestJson.With(field)));

    [Theory]
    [InlineData("\"not-a-uuid\"", "notificationId invalid_value")]
    [InlineData("\"{0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d}\"", "notificationId invalid_value")]
    [InlineData("17", "notificationId wrong_type")]
    [InlineData("null", "notificationId missing_field")]
    public void An_id_that_cannot_be_read_is_named_and_leaves_nobody_to_tell(string id, string fault)
    {
        var json = RequestJson.Replacing("notificationId", id);

        Assert.Equal([fault], RequestJson.FaultsOf(json));
        Assert.Null(RequestJson.Read(json).Origin.NotificationId);
    }

    [Fact]
    public void The_all_zero_id_is_refused_by_its_id()
    {
        var json = RequestJson.Replacing("notificationId", "\"00000000-0000-0000-0000-000000000000\"");

        Assert.Equal(["notificationId id_conflict"], RequestJson.FaultsOf(json));
        Assert.Equal(Guid.Empty, RequestJson.Read(json).Origin.NotificationId);
    }

    [Theory]
    [InlineData("{}", "audience invalid_audience")]
    [InlineData("""{"users":[]}""", "audience invalid_audience")]
    [InlineData("""{"users":null}""", "audience invalid_audience")]
    [InlineData("""{"noneOf":["opted-out"]}""", "audience invalid_audience")]
    [InlineData("""{"anyOf":["all"],"channel":"dGVzdA=="}""", "audience.channel invalid_audience")]
    [InlineData("""{"anyOf":["*"]}""", "audience.anyOf[0] invalid_audience")]
    [InlineData("""{"anyOf":["a b"]}""", "audience.anyOf[0] invalid_audience")]
    [InlineData("""{"anyOf":["{a}"]}""", "audience.anyOf[0] invalid_audience")]
    [InlineData("""{"anyOf":["a\n"]}""", "audience.anyOf[0] invalid_audience")]
    [InlineData("""{"anyOf":[null]}""", "audience.anyOf[0] wrong_type")]
    [InlineData("""{"users":[""]}""", "audience.users[0] invalid_audience")]
    [InlineData("""{"users":["u1"],"users":["u2"]}""", "audience.users duplicate_field")]
    [InlineData("""{"users":"u1"}""", "audience.users wrong_type")]
    [InlineData("""{"tokens":[17]}""", "audience.tokens[0] wrong_type")]
    [InlineData("\"all\"", "audience wrong_type")]
    public void A_wrong_audience_is_never_everyone(string audience, string fault) =>
        Assert.Equal([fault], RequestJson.FaultsOf(RequestJson.Replacing("audience", audience)));

    [Theory]
    [InlineData("""{"allOf":["lang.de"]}""")]
    [InlineData("""{"anyOf":["all"],"noneOf":["opted-out"]}""")]
    [InlineData("""{"tokens":["not hex","","abc","../../3/device"]}""")]
    public void An_audience_that_means_somebody_is_accepted(string audience) =>
        Assert.Empty(RequestJson.FaultsOf(RequestJson.Replacing("audience", audience)));

    [Fact]
    public void A_message_of_nothing_but_faults_does_not_make_an_endless_list()
    {
        var users = string.Join(',', Enumerable.Repeat("\"\"", 5_000));
        var faults = RequestJson.FaultsOf(RequestJson.Replacing("audience", $$"""{"users":[{{users}}]}"""));

        Assert.Equal(101, faults.Length);
        Assert.Equal("$ more_faults", faults[^1]);
    }

    [Fact]
    public void Whoever_must_be_told_is_known_in_spite_of_the_faults()
    {
        var origin = RequestJson.Read(RequestJson.With("\"priority\":\"5\",\"source\":\"campaigns\",\"reference\":\"wave 2\"")).Origin;

        Assert.Equal(new MessageOrigin(Examples.Id, "shop-ios", "campaigns", "wave 2"), origin);
    }

    [Fact]
    public void What_cannot_be_part_of_a_routing_key_is_not_in_the_origin()
    {
        var origin = RequestJson.Read(RequestJson.Replacing("app", "\"shop.#\"")[..^1] + ",\"source\":\"a.b\",\"reference\":\"a\\r\\nb\"}").Origin;

        Assert.Equal(new MessageOrigin(Examples.Id), origin);
    }
}
