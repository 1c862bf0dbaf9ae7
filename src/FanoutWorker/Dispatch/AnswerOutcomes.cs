using PushFanout.Apns;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Dispatch;

/// <summary>What an answer means for the token: an outcome, or another attempt.</summary>
internal static class AnswerOutcomes
{
    /// <summary>The token's outcome, or that it is held until the brake has judged; null while another attempt may still give one.</summary>
    public static OutcomeByte? Settle(in PushAnswer answer) => answer.Answer switch
    {
        Answer.Accepted => new OutcomeByte(Outcome.Accepted, OutcomeReason.None),
        Answer.Unregistered => new OutcomeByte(Outcome.Unregistered, ReasonOf(answer.Reason)),
        // Not proof of a dead token: a wrong environment or topic is answered like this too.
        Answer.Suspect => new OutcomeByte(Outcome.Held, ReasonOf(answer.Reason)),
        Answer.Rejected => new OutcomeByte(Outcome.Rejected, ReasonOf(answer.Reason)),
        Answer.CredentialRefused or Answer.Transient or Answer.Unprocessed or Answer.Ambiguous => null,
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer.Answer, null),
    };

    /// <summary>Whether this attempt is used up: what was never handled costs none, nor does a credential that an operator must mend.</summary>
    public static bool CountsAsAttempt(Answer answer) => answer is Answer.Transient or Answer.Ambiguous;

    /// <summary>Why a token without an outcome is undeliverable once its attempts are used up.</summary>
    public static OutcomeReason WhyNot(in PushAnswer answer) => answer.Answer switch
    {
        Answer.Ambiguous => OutcomeReason.NoAnswer,
        Answer.CredentialRefused => OutcomeReason.CredentialRefused,
        Answer.Unprocessed => OutcomeReason.NotConnected,
        _ when answer.Reason == ApnsReason.TooManyRequests => OutcomeReason.TooManyRequests,
        _ => OutcomeReason.ServerError,
    };

    /// <summary>APNs' word for the reason for which a token is held.</summary>
    public static string WordOf(OutcomeReason reason) => reason == OutcomeReason.DeviceTokenNotForTopic ? "DeviceTokenNotForTopic" : "BadDeviceToken";

    private static OutcomeReason ReasonOf(ApnsReason reason) => reason switch
    {
        ApnsReason.BadCollapseId => OutcomeReason.BadCollapseId,
        ApnsReason.BadDeviceToken => OutcomeReason.BadDeviceToken,
        ApnsReason.BadExpirationDate => OutcomeReason.BadExpirationDate,
        ApnsReason.BadMessageId => OutcomeReason.BadMessageId,
        ApnsReason.BadPriority => OutcomeReason.BadPriority,
        ApnsReason.BadTopic => OutcomeReason.BadTopic,
        ApnsReason.DeviceTokenNotForTopic => OutcomeReason.DeviceTokenNotForTopic,
        ApnsReason.DuplicateHeaders => OutcomeReason.DuplicateHeaders,
        ApnsReason.InvalidPushType => OutcomeReason.InvalidPushType,
        ApnsReason.MissingDeviceToken => OutcomeReason.MissingDeviceToken,
        ApnsReason.MissingTopic => OutcomeReason.MissingTopic,
        ApnsReason.PayloadEmpty => OutcomeReason.PayloadEmpty,
        ApnsReason.TopicDisallowed => OutcomeReason.TopicDisallowed,
        ApnsReason.BadPath => OutcomeReason.BadPath,
        ApnsReason.MethodNotAllowed => OutcomeReason.MethodNotAllowed,
        ApnsReason.ExpiredToken => OutcomeReason.ExpiredToken,
        ApnsReason.Unregistered => OutcomeReason.Unregistered,
        ApnsReason.PayloadTooLarge => OutcomeReason.PayloadTooLarge,
        _ => OutcomeReason.Unknown,
    };
}
