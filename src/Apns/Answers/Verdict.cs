using System.Runtime.CompilerServices;
using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport;

namespace PushFanout.Apns.Answers;

/// <summary>An answer, and what it means for the connection that it came on.</summary>
internal readonly record struct Verdict(PushAnswer PushAnswer, AfterAnswer After, bool Authenticated)
{
    // APNs cannot have known a token before it existed, nor know a day that has not come; a "since" of next year would remove
    // every later registration.
    private static readonly DateTimeOffset EarliestSince = new(2009, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan ClockDifference = TimeSpan.FromDays(1);

    public static Verdict Of(Push push, TimeProvider clock)
    {
        var result = push.Result;
        switch (result.End)
        {
            case ExchangeEnd.Answered:
                return Of(result, clock.GetElapsedTime(push.WrittenAt, push.AnsweredAt), clock);
            case ExchangeEnd.NotSent when result.Refusal is { } row:
                return new Verdict(new PushAnswer(row.Answer, row.Reason, row.Word), row.After, row.Authenticated);
            case ExchangeEnd.Refused or ExchangeEnd.NotSent:
                return Unanswered(Answer.Unprocessed, push.List.Stopped ? ApnsReason.Stopped : ApnsReason.NotHandled);
            default:
                var reason = push.Stage == PushStage.Overdue ? ApnsReason.AnswerTimeout : ApnsReason.ConnectionLost;
                return Unanswered(Answer.Ambiguous, reason, clock.GetElapsedTime(push.WrittenAt));
        }
    }

    private static Verdict Unanswered(Answer answer, ApnsReason reason, TimeSpan elapsed = default) =>
        new(new PushAnswer(answer, reason, Elapsed: elapsed), AfterAnswer.GoOn, Authenticated: false);

    private static Verdict Of(in ExchangeResult result, TimeSpan elapsed, TimeProvider clock)
    {
        var status = result.Status;
        if (status == 200)
        {
            return new Verdict(new PushAnswer(Answer.Accepted, Status: status, Elapsed: elapsed), AfterAnswer.GoOn, Authenticated: true);
        }
        return OfRefusal(result, elapsed, clock);
    }

    /// <summary>Apart, because room on the stack for a body would be cleared for every accepted push as well.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Verdict OfRefusal(in ExchangeResult result, TimeSpan elapsed, TimeProvider clock)
    {
        var status = result.Status;
        if (result.Body == BodyEnd.Interrupted)
        {
            // Refused, but the word is lost: without it nothing final may be said about the push.
            return new Verdict(
                new PushAnswer(Answer.Transient, ApnsReason.UnreadableAnswer, Status: status, RetryAfter: result.RetryAfter, Elapsed: elapsed),
                AfterAnswer.GoOn,
                Authenticated: false);
        }
        var body = result.Body == BodyEnd.Complete ? ErrorBody.Read(result.Content.Span) : default;
        if (body.Row is { } row && row.Status == status)
        {
            var since = row.Answer == Answer.Unregistered ? Since(body.Timestamp, clock.GetUtcNow()) : null;
            return new Verdict(
                new PushAnswer(row.Answer, row.Reason, row.Word, status, since, result.RetryAfter, elapsed), row.After, row.Authenticated);
        }
        var reason = body.Row?.Reason ?? (body.Word is null ? ApnsReason.UnreadableAnswer : ApnsReason.Unknown);
        return new Verdict(
            new PushAnswer(ApnsReasons.ByStatus(status), reason, body.Word, status, RetryAfter: result.RetryAfter, Elapsed: elapsed),
            AfterAnswer.GoOn,
            Authenticated: false);
    }

    private static DateTimeOffset? Since(long? milliseconds, DateTimeOffset now) =>
        milliseconds is { } value && value >= EarliestSince.ToUnixTimeMilliseconds() && value <= (now + ClockDifference).ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(value)
            : null;
}
