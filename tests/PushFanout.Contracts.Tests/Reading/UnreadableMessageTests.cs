using System.Text;

namespace PushFanout.Contracts.Tests.Reading;

public sealed class UnreadableMessageTests
{
    [Theory]
    [InlineData("", UnreadableReason.Truncated, 0)]
    [InlineData("""{"app":"shop""", UnreadableReason.Truncated, 7)]
    [InlineData("""{"app":"shop-ios",""", UnreadableReason.Truncated, 17)]
    [InlineData("hello", UnreadableReason.NotJson, 0)]
    [InlineData("<xml/>", UnreadableReason.NotJson, 0)]
    [InlineData("""{"app":'shop'}""", UnreadableReason.NotJson, 7)]
    [InlineData("""{"app":"a",}""", UnreadableReason.NotJson, 11)]
    [InlineData("{} {}", UnreadableReason.NotJson, 3)]
    [InlineData("""{"app":"\ud83d"}""", UnreadableReason.LoneSurrogate, 7)]
    [InlineData("""{"app":"\ude00\ud83d"}""", UnreadableReason.LoneSurrogate, 7)]
    [InlineData("""{"\ud83d x":1}""", UnreadableReason.LoneSurrogate, 1)]
    [InlineData("""{"payload":{"aps":{"alert":"\uD83D\u0041"}}}""", UnreadableReason.LoneSurrogate, 27)]
    public void What_is_not_JSON_is_told_with_reason_and_place(string body, UnreadableReason reason, int offset)
    {
        var reading = RequestJson.Read(body);

        Assert.Equal(new UnreadableMessage(reason, offset), reading.Unreadable);
        Assert.Null(reading.Message);
        Assert.Empty(reading.Faults);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_told_with_their_place()
    {
        var body = Encoding.UTF8.GetBytes("""{"app":"xx"}""");
        body[9] = 0xff;

        Assert.Equal(new UnreadableMessage(UnreadableReason.InvalidUtf8, 9), NotificationRequestedReader.Read(body).Unreadable);
    }

    [Theory]
    [InlineData(63, null)]
    [InlineData(64, UnreadableReason.TooDeep)]
    [InlineData(100_000, UnreadableReason.TooDeep)]
    public void A_depth_bomb_goes_no_deeper_than_64_levels(int levelsOfPayload, UnreadableReason? reason)
    {
        var payload = $$"""{"aps":{},"x":{{new string('[', levelsOfPayload - 1)}}{{new string(']', levelsOfPayload - 1)}}}""";

        Assert.Equal(reason, RequestJson.Read(RequestJson.Replacing("payload", payload)).Unreadable?.Reason);
    }

    [Fact]
    public void A_whole_surrogate_pair_is_a_character()
    {
        var request = RequestJson.Read(RequestJson.With("""
            "reference":"\ud83d\ude00 \\ud83d"
            """)).Message;

        Assert.Equal("😀 \\ud83d", request?.Reference);
    }

    [Fact]
    public void Any_cut_of_a_message_is_read_as_truncated()
    {
        for (var length = 0; length < RequestJson.Good.Length; length++)
            Assert.Equal(UnreadableReason.Truncated, RequestJson.Read(RequestJson.Good[..length]).Unreadable?.Reason);
    }

    [Fact]
    public void The_words_of_the_reason_say_nothing_of_the_message()
    {
        foreach (var reason in Enum.GetValues<UnreadableReason>())
            Assert.Contains("17", new UnreadableMessage(reason, 17).ToString(), StringComparison.Ordinal);
    }
}
