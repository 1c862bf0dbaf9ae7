using System.Text;

namespace PushFanout.Contracts.Tests.Reading;

public sealed class MessageEnvelopeTests
{
    [Theory]
    [InlineData("""{"messageId":"x","message": {"app":"a"} ,"headers":{}}""")]
    [InlineData("""{"Message":{"app":"a"}}""")]
    [InlineData("""{"headers":{"message":{"app":"b"}},"MESSAGE":{"app":"a"}}""")]
    public void The_message_is_taken_out_byte_for_byte(string body)
    {
        Assert.True(MessageEnvelope.TryUnwrap(Encoding.UTF8.GetBytes(body), out var message));
        Assert.Equal("""{"app":"a"}""", Encoding.UTF8.GetString(message.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("hello")]
    [InlineData("""{"app":"a"}""")]
    [InlineData("""{"headers":{"message":{"app":"b"}}}""")]
    [InlineData("""{"message":{"app":"a"},"Message":{"app":"b"}}""")]
    [InlineData("""{"message":{"app":"a"}""")]
    [InlineData("""{"message":{"app":"a"}} {}""")]
    public void What_is_no_envelope_is_said_to_be_none(string body) =>
        Assert.False(MessageEnvelope.TryUnwrap(Encoding.UTF8.GetBytes(body), out _));

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, UnreadableReason.TooDeep)]
    public void The_envelope_does_not_count_for_the_depth_of_the_message(int depth, UnreadableReason? reason)
    {
        var payload = $$"""{"aps":{},"x":{{new string('[', depth - 2)}}{{new string(']', depth - 2)}}}""";
        var body = Encoding.UTF8.GetBytes($$"""{"message":{{RequestJson.Replacing("payload", payload)}}}""");

        Assert.True(MessageEnvelope.TryUnwrap(body, out var message));
        Assert.Equal(reason, NotificationRequestedReader.Read(message).Unreadable?.Reason);
    }
}
