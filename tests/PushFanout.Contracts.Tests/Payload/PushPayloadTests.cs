using System.Text;
using System.Text.Json;

namespace PushFanout.Contracts.Tests.Payload;

public sealed class PushPayloadTests
{
    [Theory]
    [InlineData(""" { "aps" : { "alert" : "Hi" , "badge" : 1.50 } , "x" : [ 1 , true , null , { } , [ ] ] } """,
        """{"aps":{"alert":"Hi","badge":1.50},"x":[1,true,null,{},[]]}""")]
    [InlineData("""{"a":"\u00e9\ud83c\udf89\u4e2d\/\u003c"}""", """{"a":"é🎉中/<"}""")]
    [InlineData("""{"a":"\"\\\b\f\n\r\t\u0001\u001F\u0022\u005c"}""", """{"a":"\"\\\b\f\n\r\t\u0001\u001f\"\\"}""")]
    [InlineData("""{"\u0061ps":{}}""", """{"aps":{}}""")]
    [InlineData("[1e400,-0,12345678901234567890.10]", "[1e400,-0,12345678901234567890.10]")]
    [InlineData("\t\"x\"\n", "\"x\"")]
    public void JSON_is_written_in_its_shortest_form(string json, string minified) =>
        Assert.Equal(minified, Encoding.UTF8.GetString(PushPayload.Parse(json).Utf8.Span));

    [Fact]
    public void Text_that_is_not_ASCII_is_sent_as_UTF8_whatever_the_producer_wrote()
    {
        var plain = PushPayload.Parse("""{"aps":{"alert":"Größe 中文 🎉"}}""");
        var escaped = PushPayload.Parse("""{"aps":{"alert":"Gr\u00f6\u00dfe \u4e2d\u6587 \ud83c\udf89"}}""");

        Assert.Equal(plain, escaped);
        Assert.Equal(plain.GetHashCode(), escaped.GetHashCode());
        Assert.Equal(Encoding.UTF8.GetByteCount("""{"aps":{"alert":"Größe 中文 🎉"}}"""), plain.Length);
    }

    [Fact]
    public void Another_order_of_properties_is_another_payload() =>
        Assert.NotEqual(PushPayload.Parse("""{"a":1,"b":2}"""), PushPayload.Parse("""{"b":2,"a":1}"""));

    [Fact]
    public void An_object_keeps_its_own_names()
    {
        var payload = PushPayload.FromObject(new { aps = new { alert = "Größe" }, OrderId = 17 });

        Assert.Equal("""{"aps":{"alert":"Größe"},"OrderId":17}""", Encoding.UTF8.GetString(payload.Utf8.Span));
    }

    [Theory]
    [InlineData("{\"secret\":")]
    [InlineData("secret")]
    [InlineData("")]
    [InlineData("{\"a\":\"\\ud800 secret\"}")]
    public void What_is_not_JSON_is_refused_without_saying_what_it_was(string json)
    {
        var exception = Assert.Throws<FormatException>(() => PushPayload.Parse(json));

        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_payload_nests_one_level_less_than_the_message_around_it()
    {
        Assert.NotNull(PushPayload.Parse(new string('[', 63) + new string(']', 63)));
        Assert.Throws<FormatException>(() => PushPayload.Parse(new string('[', 64) + new string(']', 64)));
    }

    [Fact]
    public void Any_serializer_writes_it_as_the_JSON_it_is()
    {
        var payload = PushPayload.Parse("""{"aps":{"alert":"é"}}""");

        Assert.Equal("""{"P":{"aps":{"alert":"é"}}}""", JsonSerializer.Serialize(new { P = payload }));
        Assert.Equal(payload, JsonSerializer.Deserialize<PushPayload>(""" { "aps" : { "alert" : "\u00e9" } } """));
    }

    [Fact]
    public void Its_text_never_shows_it() => Assert.Equal("payload of 12 bytes", PushPayload.Parse("""{"secret": 1}""").ToString());
}
