using PushFanout.Apns.Answers;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Transport;

namespace PushFanout.Apns.Sending;

/// <summary>
/// Pushes that their connection is done with: each goes out again, or its list hears the answer; and the connection is paced, replaced or left alone by what
/// APNs said.
/// </summary>
internal sealed class FinishedPushes(PushBooks books, ProviderTokenKey? key, ApnsClientOptions options, TimeProvider clock)
{
    /// <summary>A provider token refused twice in a row on new connections is refused for good.</summary>
    private const int MaxResends = 2;

    public void Take(ReadOnlySpan<Push> pushes)
    {
        ProviderTokenValue? renewed = null;
        foreach (var push in pushes)
        {
            push.Verdict = Verdict.Of(push, clock);
            renewed = Renew(push) ?? renewed;
        }
        UnsentPushes? late = null;
        lock (books.Gate)
        {
            books.Newest(renewed); // before any of them can begin again
            var now = clock.GetTimestamp();
            foreach (var push in pushes)
            {
                End(push, now, ref late);
            }
            books.CompleteIfIdle();
        }
        foreach (var push in pushes)
        {
            if ((push.AfterEnd & AfterEnd.Again) == 0)
            {
                push.List.Deliver(push.Index, push.Verdict.PushAnswer);
            }
        }
        late?.GiveBack(begun: ApnsReason.NotHandled, waiting: ApnsReason.NotHandled);
        books.Pool.Settle();
        Recycle(pushes);
    }

    /// <returns>The provider token to send from now on, if that of the push was refused for its time.</returns>
    private ProviderTokenValue? Renew(Push push)
    {
        switch (push.Verdict.After)
        {
            case AfterAnswer.RenewTokenAndResend when push.Authorization is { } expired:
                return key!.Token.Expired(expired);
            case AfterAnswer.RedateTokenAndResend:
                var redated = push is { Authorization: { } invalid, Resends: 0 } ? key!.Token.Invalid(invalid) : null;
                push.Verdict = push.Verdict with { After = redated is null ? AfterAnswer.GoOn : AfterAnswer.RenewTokenAndResend };
                return redated;
            default:
                return null;
        }
    }

    private void End(Push push, long now, ref UnsentPushes? late)
    {
        var ordinary = push.Result.End == ExchangeEnd.Answered && push.Stage == PushStage.Written;
        var again = MayGoAgain(push);
        if (ordinary)
        {
            books.Congestion.Answered(clock.GetElapsedTime(push.BegunAt, now), books.InFlight.Count, now);
        }
        books.InFlight.End(push);
        Account(push, now, ref late);
        if (again)
        {
            push.List.TakeBack(push, countResend: push.Result.End == ExchangeEnd.Answered || push.Result.Refusal is not null);
            books.Waiting.Add(push.List);
        }
        push.AfterEnd = (again ? AfterEnd.Again : AfterEnd.Answer) | (ordinary && push.Result.CanBeUsedAgain ? AfterEnd.Spare : AfterEnd.Answer);
    }

    private bool MayGoAgain(Push push)
    {
        var verdict = push.Verdict;
        var wanted = verdict.PushAnswer.Answer == Answer.Unprocessed
            || (verdict.After is AfterAnswer.ResendElsewhere or AfterAnswer.RenewTokenAndResend && push.Resends < MaxResends);
        return wanted && !push.List.Stopped && clock.GetElapsedTime(push.FirstBegunAt) < options.StartTimeout;
    }

    /// <summary>What the connection learns from it.</summary>
    private void Account(Push push, long now, ref UnsentPushes? late)
    {
        var connection = push.Connection;
        var verdict = push.Verdict;
        switch (push.Result.End)
        {
            case ExchangeEnd.Answered:
                books.Pool.Answered(connection, verdict.Authenticated, now);
                break;
            case ExchangeEnd.Refused:
                connection.Pacing.Refused(connection.InFlight, push.BegunAt);
                break;
            case ExchangeEnd.NotSent or ExchangeEnd.Lost:
                break; // the connection says itself when it is gone as a whole
        }
        var refused = verdict.PushAnswer.Answer == Answer.CredentialRefused && !verdict.Authenticated;
        if (refused)
        {
            connection.Pacing.CredentialRefused();
        }
        switch (verdict.After)
        {
            case AfterAnswer.GoOn or AfterAnswer.RedateTokenAndResend:
                break; // the latter has become something else by now
            case AfterAnswer.ReplaceConnection or AfterAnswer.ResendElsewhere or AfterAnswer.RenewTokenAndResend:
                var why = refused ? ApnsConnectionEnd.CredentialRefused : ApnsConnectionEnd.ServerStopping;
                books.Close(connection, why, verdict.PushAnswer.ReasonText, late ??= new UnsentPushes());
                break;
        }
        books.Pool.LeaveIfDrained(connection);
    }

    private void Recycle(ReadOnlySpan<Push> pushes)
    {
        lock (books.Gate)
        {
            foreach (var push in pushes)
            {
                if ((push.AfterEnd & AfterEnd.Spare) != 0)
                {
                    books.InFlight.Spare(push);
                }
            }
        }
    }
}
