namespace PushFanout.Apns.Tests;

public sealed class ApnsNotificationTests
{
    [Fact]
    public void What_APNs_would_not_take_cannot_be_made()
    {
        Refused("Payload", () => New(payload: 5121));
        Refused("Topic", () => New(topic: "com.example\r\napns-topic: other"));
        Refused("Topic", () => New(topic: ""));
        Refused("PushType", () => New(pushType: "alert\n"));
        Refused("Priority", () => New(priority: 7));
        Refused("CollapseId", () => New(collapseId: new string('x', 65)));
        Refused("CollapseId", () => New(collapseId: new string('ü', 33)));
        Refused("CollapseId", () => New(collapseId: "a\rb"));
        Refused("CollapseId", () => New(collapseId: " canary"));
        Refused("CollapseId", () => New(collapseId: "canary "));
        Refused("CollapseId", () => New(collapseId: "canary\ud83d"));
        Refused("Topic", () => New(topic: "\udc4dcanary"));
        Refused("PushType", () => New(pushType: "alert "));
        Refused("ExpirationUnixSeconds", () => New(expiration: -1));
    }

    [Fact]
    public void Everything_may_be_left_out_but_topic_type_and_payload()
    {
        var notification = New();

        Assert.Equal((null, null, null, null), (notification.Priority, notification.CollapseId, notification.ExpirationUnixSeconds, notification.IdSeed));
        Assert.Equal("alert push for com.example.shop, 2 bytes", notification.ToString());
    }

    [Fact]
    public void Text_of_any_kind_is_a_collapse_id() => Assert.Equal("a \ud83d\udc4d \ufffd", New(collapseId: "a \ud83d\udc4d \ufffd").CollapseId);

    private static void Refused(string property, Func<ApnsNotification> make)
    {
        var message = Assert.ThrowsAny<ArgumentException>(make).Message;
        Assert.Contains(property, message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", message, StringComparison.Ordinal);
    }

    private static ApnsNotification New(
        int payload = 2, string topic = "com.example.shop", string pushType = "alert", int? priority = null, string? collapseId = null, long? expiration = null) =>
        new()
        {
            Payload = new byte[payload],
            Topic = topic,
            PushType = pushType,
            Priority = priority,
            CollapseId = collapseId,
            ExpirationUnixSeconds = expiration,
        };
}
