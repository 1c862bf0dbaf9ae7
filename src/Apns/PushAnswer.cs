namespace PushFanout.Apns;

/// <summary>What one attempt to push told us.</summary>
public enum Answer : byte
{
    /// <summary>200: APNs took the push. Delivery to the device is not promised.</summary>
    Accepted,
    /// <summary>410: the token is dead since <see cref="PushAnswer.Since"/>; remove it unless it was registered later.</summary>
    Unregistered,
    /// <summary><c>BadDeviceToken</c>, <c>DeviceTokenNotForTopic</c>: the token is dead, or our environment or topic is wrong.</summary>
    Suspect,
    /// <summary>Any other 4xx about this push; sending it again cannot help.</summary>
    Rejected,
    /// <summary>403 and topic errors: every push of this credential will fail until an operator acts.</summary>
    CredentialRefused,
    /// <summary>429, 5xx: may be sent again after a delay.</summary>
    Transient,
    /// <summary>Provably not handled (never written, refused stream, above GOAWAY's last id): resend at once, no duplicate possible.</summary>
    Unprocessed,
    /// <summary>Written, never answered: may have been handled.</summary>
    Ambiguous,
}

/// <summary>The answer to one push.</summary>
/// <param name="Answer">What to do next.</param>
/// <param name="Reason">The reason as an enum; <see cref="ApnsReason.None"/> when accepted, <see cref="ApnsReason.Unknown"/> for a word not in Apple's table.</param>
/// <param name="ReasonText">APNs' own word, for example <c>BadTopic</c>; null when there was none. Unknown words are kept, cut at 64 characters, with <c>?</c> for what is not printable and <c>*</c> for what may be a token or a JWT.</param>
/// <param name="Status">The HTTP status; 0 when there was none.</param>
/// <param name="Since">Only with <see cref="Answer.Unregistered"/>, and only when APNs gave it: UTC, millisecond precision.</param>
/// <param name="RetryAfter">The wait that the server asked for, when it did; at most a day.</param>
/// <param name="Elapsed">From the request's write to the status line; zero when nothing was written.</param>
public readonly record struct PushAnswer(
    Answer Answer,
    ApnsReason Reason = ApnsReason.None,
    string? ReasonText = null,
    int Status = 0,
    DateTimeOffset? Since = null,
    TimeSpan? RetryAfter = null,
    TimeSpan Elapsed = default);

/// <summary>Receives answers while a notification goes to many tokens.</summary>
public interface IPushAnswers
{
    /// <summary>
    /// Called exactly once per token, in any order, from any thread, also from several at once. Must return quickly and never throw.
    /// </summary>
    /// <param name="index">The token's position in the list that was sent.</param>
    /// <param name="answer">Its answer.</param>
    void OnAnswer(int index, in PushAnswer answer);
}
