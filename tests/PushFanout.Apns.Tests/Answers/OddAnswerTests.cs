using System.Text;
using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;

namespace PushFanout.Apns.Tests.Answers;

/// <summary>Answers that APNs does not give, or should not: nothing is removed for them, and nothing retried for ever.</summary>
public sealed class OddAnswerTests(ReasonTests.Apns fixture) : IClassFixture<ReasonTests.Apns>
{
    [Theory]
    [InlineData(201, "", Answer.Ambiguous)]
    [InlineData(302, "", Answer.Transient)]
    [InlineData(400, "", Answer.Rejected)]
    [InlineData(400, "<html>Bad Request</html>", Answer.Rejected)]
    [InlineData(400, "{\"reason\":\"BadDeviceTok", Answer.Rejected)]
    [InlineData(400, "{\"reason\":\"BadDeviceToken\"} and more", Answer.Rejected)]
    [InlineData(400, "[\"BadDeviceToken\"]", Answer.Rejected)]
    [InlineData(400, "{\"reason\":410}", Answer.Rejected)]
    [InlineData(400, "{\"reason\":\"\\ud800\"}", Answer.Rejected)]
    [InlineData(403, "<html>Forbidden</html>", Answer.CredentialRefused)]
    [InlineData(410, "<html>Gone</html>", Answer.Rejected)]
    [InlineData(410, "", Answer.Rejected)]
    [InlineData(418, "I am a teapot", Answer.Rejected)]
    [InlineData(429, "", Answer.Transient)]
    [InlineData(502, "<html>Bad Gateway</html>", Answer.Transient)]
    public async Task An_answer_without_a_readable_word_is_judged_by_its_status(int status, string body, Answer meaning)
    {
        var answer = await AnswerToAsync(PushReply.Raw(status, Encoding.UTF8.GetBytes(body), "text/plain"));

        Assert.Equal((meaning, ApnsReason.UnreadableAnswer, status), (answer.Answer, answer.Reason, answer.Status));
        Assert.Null(answer.ReasonText);
    }

    [Fact]
    public async Task Answers_that_refer_to_headers_of_earlier_ones_although_we_asked_for_none_are_understood()
    {
        // As h2o answers: ":status: 200" and "server: h2o", the latter to be remembered, and from then on by its place in the table.
        await using var server = new RawApns((connection, id) =>
            connection.AnswerWithBlockAsync(id, Convert.FromHexString(connection.Pushes == 1 ? "887603" + "68326f" : "88be")));

        var answers = await server.NewClient().SendAsync(Pushes.Tokens(50));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal(50, Assert.Single(server.Connections).Pushes);
    }

    [Fact]
    public async Task A_body_of_ten_megabytes_is_not_read()
    {
        var answer = await AnswerToAsync(PushReply.Raw(400, Encoding.UTF8.GetBytes("{\"reason\":\"BadDeviceToken\"}" + new string(' ', 10_000_000)), "application/json"));

        Assert.Equal((Answer.Rejected, ApnsReason.UnreadableAnswer), (answer.Answer, answer.Reason));
    }

    [Theory]
    [InlineData(400, Answer.Rejected)]
    [InlineData(410, Answer.Rejected)]
    [InlineData(503, Answer.Transient)]
    public async Task A_word_that_is_not_in_the_table_is_kept_and_its_status_decides(int status, Answer meaning)
    {
        var answer = await AnswerToAsync(new PushReply(status, "SomethingNew"));

        Assert.Equal((meaning, ApnsReason.Unknown, "SomethingNew"), (answer.Answer, answer.Reason, answer.ReasonText));
    }

    [Fact]
    public async Task A_known_word_under_another_status_does_not_count()
    {
        var answer = await AnswerToAsync(new PushReply(500, "Unregistered"));

        Assert.Equal((Answer.Transient, ApnsReason.Unregistered, "Unregistered"), (answer.Answer, answer.Reason, answer.ReasonText));
    }

    [Fact]
    public async Task A_long_or_wild_word_is_cut_and_made_fit_for_a_log()
    {
        var answer = await AnswerToAsync(new PushReply(400, "Line\nbreak" + new string('x', 100)));

        Assert.Equal("Line?break" + new string('x', 54), answer.ReasonText);
    }

    [Fact]
    public async Task An_unregistered_device_is_reported_with_the_moment_it_went()
    {
        var since = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

        var answer = await AnswerToAsync(new PushReply(410, "Unregistered", since));

        Assert.Equal(since, answer.Since);
    }

    [Theory]
    [InlineData("1767225600")] // seconds
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("253402300799000")] // year 9999
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999")]
    [InlineData("1.5e12")]
    [InlineData("\"1767225600000\"")]
    [InlineData("null")]
    public async Task An_absurd_moment_is_no_moment(string timestamp)
    {
        var body = $$"""{"timestamp":{{timestamp}},"reason":"Unregistered"}""";
        var answer = await AnswerToAsync(PushReply.Raw(410, Encoding.UTF8.GetBytes(body), "application/json"));

        Assert.Equal(Answer.Unregistered, answer.Answer);
        Assert.Null(answer.Since);
    }

    [Fact]
    public async Task The_wait_that_the_server_asks_for_is_passed_on()
    {
        var answer = await AnswerToAsync(new PushReply(503, "ServiceUnavailable", retryAfter: TimeSpan.FromSeconds(17)));

        Assert.Equal(TimeSpan.FromSeconds(17), answer.RetryAfter);
    }

    [Theory]
    [InlineData("30", "00:00:30")]
    [InlineData("2000000000", "1.00:00:00")] // no wait is longer than a day
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", "1.00:00:00")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", null)]
    [InlineData("0", null)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    public async Task It_may_be_given_in_seconds_or_as_a_date(string header, string? wait)
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id, 500, "{}", ("retry-after", header)));

        var answer = await server.NewClient().SendAsync();

        Assert.Equal(wait, answer.RetryAfter?.ToString());
    }

    private async Task<PushAnswer> AnswerToAsync(PushReply reply)
    {
        var token = Pushes.Token();
        fixture.Simulated.Simulator.Tokens.Strike(token.Span, Fault.Answer(reply));
        return await fixture.Simulated.NewClient().SendAsync(token);
    }
}
