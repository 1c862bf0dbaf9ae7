using System.Text;

namespace PushFanout.Contracts.Tests.Reading;

public sealed class OtherReadersTests
{
    private static readonly string Token = Examples.Token;

    [Fact]
    public void Every_message_that_workers_read_arrives_as_it_was_sent()
    {
        AssertSame(Examples.Control, NotificationControlReader.Read(ContractJson.Serialize(Examples.Control)));
        AssertSame(Examples.Registered, DeviceRegisteredReader.Read(ContractJson.Serialize(Examples.Registered)));
        AssertSame(Examples.Unregistered, DeviceUnregisteredReader.Read(ContractJson.Serialize(Examples.Unregistered)));
        AssertSame(Examples.AudienceChange, AudienceChangedReader.Read(ContractJson.Serialize(Examples.AudienceChange)));
    }

    [Theory]
    [InlineData("{}", "action missing_field", "at missing_field", "notificationId missing_field")]
    [InlineData("""{"notificationId":"0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d","action":"stop","at":"2026-11-22T12:00:00Z"}""", "action invalid_value")]
    [InlineData("""{"notificationId":"0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d","action":2,"at":17,"by":"me"}""", "action wrong_type", "at wrong_type", "by unknown_field")]
    [InlineData("""{"notificationId":"00000000-0000-0000-0000-000000000000","action":"cancel","at":"2026-11-22T12:00:00Z"}""", "notificationId invalid_value")]
    public void Faults_of_a_control_message_are_named(string json, params string[] faults) =>
        Assert.Equal(faults, FaultsOf(NotificationControlReader.Read(Encoding.UTF8.GetBytes(json))));

    [Theory]
    [InlineData("{}", "app missing_field", "at missing_field", "token missing_field")]
    [InlineData("""{"app":"a","token":"","at":"2026-11-22T12:00:00Z"}""", "token invalid_token")]
    [InlineData("""{"app":"a","token":"abc","at":"2026-11-22T12:00:00Z"}""", "token invalid_token")]
    [InlineData("""{"app":"a","token":"zz","at":"2026-11-22T12:00:00Z"}""", "token invalid_token")]
    [InlineData("""{"app":"a","token":"ab/%2e","at":"2026-11-22T12:00:00Z"}""", "token invalid_token")]
    [InlineData("""{"app":"a","token":17,"at":"2026-11-22T12:00:00Z"}""", "token wrong_type")]
    [InlineData("""{"app":"a","token":"AB","at":"2026-11-22T12:00:00Z","audiences":["ok","Not ok","all"]}""", "audiences[1] invalid_audience", "audiences[2] invalid_audience")]
    [InlineData("""{"app":"a","token":"AB","at":"2026-11-22T12:00:00Z","userId":"","deviceId":"a\nb"}""", "deviceId invalid_value", "userId invalid_value")]
    [InlineData("""{"app":"{a}","token":"AB","token":"CD","at":"0001-01-01T00:00:01Z"}""", "app invalid_value", "at invalid_value", "token duplicate_field")]
    public void Faults_of_a_registration_are_named(string json, params string[] faults) =>
        Assert.Equal(faults, FaultsOf(DeviceRegisteredReader.Read(Encoding.UTF8.GetBytes(json))));

    [Theory]
    [InlineData(200, 0)]
    [InlineData(202, 1)]
    public void A_token_has_at_most_100_bytes(int digits, int faults) =>
        Assert.Equal(faults, DeviceRegisteredValidator.Validate(Examples.Registered with { Token = new string('a', digits) }).Count);

    [Theory]
    [InlineData("""{"app":"a","at":"2026-11-22T12:00:00Z"}""", "$ missing_field")]
    [InlineData("""{"app":"a","at":"2026-11-22T12:00:00Z","userId":"u","deviceId":"d"}""", "$ conflicting_fields")]
    [InlineData("""{"app":"a","at":"2026-11-22T12:00:00Z","userId":17}""", "userId wrong_type")]
    [InlineData("""{"app":"a","at":"2026-11-22T12:00:00Z","token":"xyz"}""", "token invalid_token")]
    public void Faults_of_an_unregistration_are_named(string json, params string[] faults) =>
        Assert.Equal(faults, FaultsOf(DeviceUnregisteredReader.Read(Encoding.UTF8.GetBytes(json))));

    [Theory]
    [InlineData("""{"app":"a","audience":"x"}""", "$ missing_field")]
    [InlineData("""{"app":"a","audience":"x","add":[],"remove":[]}""", "$ missing_field")]
    [InlineData("""{"app":"a","audience":"all","add":[{"user":"u"}]}""", "audience invalid_audience")]
    [InlineData("""{"app":"a","audience":"x","add":[{"user":"u","token":"ab"}]}""", "add[0] conflicting_fields")]
    [InlineData("""{"app":"a","audience":"x","add":[{}]}""", "add[0] conflicting_fields")]
    [InlineData("""{"app":"a","audience":"x","add":["u"]}""", "add[0] wrong_type")]
    [InlineData("""{"app":"a","audience":"x","add":{"user":"u"}}""", "add wrong_type")]
    [InlineData("""{"app":"a","audience":"x","add":[{"user":"u"},{"user":""},{"token":"x"}],"remove":[{"Token":"ab"}]}""",
        "add[1].user invalid_value", "add[2].token invalid_token", "remove[0].Token unknown_field")]
    public void Faults_of_an_audience_change_are_named(string json, params string[] faults) =>
        Assert.Equal(faults, FaultsOf(AudienceChangedReader.Read(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void Too_many_members_are_refused()
    {
        var change = Examples.AudienceChange with { Add = [.. Enumerable.Repeat(AudienceMember.OfToken(Token), AudienceChanged.MaxMembers)] };

        Assert.Equal(FaultCodes.InvalidAudience, Assert.Single(AudienceChangedValidator.Validate(change)).Code);
    }

    [Fact]
    public void An_app_that_is_not_configured_is_named()
    {
        var context = new WorkerContext { FindApp = _ => null };

        Assert.Equal(["app unknown_app"], FaultsOf(DeviceRegisteredReader.Read(ContractJson.Serialize(Examples.Registered), context)));
        Assert.Equal(["app unknown_app"], FaultsOf(DeviceUnregisteredReader.Read(ContractJson.Serialize(Examples.Unregistered), context)));
        Assert.Equal(["app unknown_app"], FaultsOf(AudienceChangedReader.Read(ContractJson.Serialize(Examples.AudienceChange), context)));
    }

    private static IEnumerable<string> FaultsOf<T>(ContractReading<T> reading)
        where T : class
    {
        Assert.Null(reading.Unreadable);
        Assert.Null(reading.Message);
        return reading.Faults.Select(fault => $"{fault.Field} {fault.Code}").Order(StringComparer.Ordinal);
    }

    private static void AssertSame<T>(T sent, ContractReading<T> reading)
        where T : class
    {
        Assert.Empty(reading.Faults);
        Assert.Equal(ContractJson.Serialize(sent), ContractJson.Serialize(reading.Message!));
    }
}
