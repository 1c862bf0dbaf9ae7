using System.Collections.Frozen;

namespace PushFanout.Apns.Answers;

/// <summary>What an answer asks of the connection it came on, beside the push it is about.</summary>
internal enum AfterAnswer : byte
{
    GoOn,
    /// <summary>The connection takes no more pushes.</summary>
    ReplaceConnection,
    /// <summary>The connection is bound to what it saw first: the push itself is fine and goes out again on another one.</summary>
    ResendElsewhere,
    /// <summary>As <see cref="ResendElsewhere"/>, with a new provider token if it is old enough.</summary>
    RenewTokenAndResend,
    /// <summary>As <see cref="RenewTokenAndResend"/>, once, if the token got its date from a clock that was wrong; else as <see cref="GoOn"/>.</summary>
    RedateTokenAndResend,
}

/// <param name="Word">Apple's spelling, one string for all answers.</param>
/// <param name="Status">The only status under which the word counts.</param>
/// <param name="Authenticated">Whether APNs had taken the credential when it said so: the connection may then open up.</param>
internal sealed record ReasonRow(string Word, ApnsReason Reason, int Status, Answer Answer, AfterAnswer After, bool Authenticated);

/// <summary>
/// Apple's table ("Handling notification responses from APNs") and what we do on each word: the only place that knows. A word
/// that is not here, or comes under another status, is judged by <see cref="ByStatus"/>.
/// </summary>
internal static class ApnsReasons
{
    private const bool BeforeCredential = false;
    private const bool AfterCredential = true;

    public static readonly IReadOnlyList<ReasonRow> Table =
    [
        // The push is wrong; sending it again cannot help.
        Row(400, ApnsReason.BadCollapseId, Answer.Rejected),
        Row(400, ApnsReason.BadExpirationDate, Answer.Rejected),
        Row(400, ApnsReason.BadMessageId, Answer.Rejected),
        Row(400, ApnsReason.BadPriority, Answer.Rejected),
        Row(400, ApnsReason.DuplicateHeaders, Answer.Rejected),
        Row(400, ApnsReason.InvalidPushType, Answer.Rejected),
        Row(400, ApnsReason.MissingDeviceToken, Answer.Rejected),
        Row(400, ApnsReason.PayloadEmpty, Answer.Rejected),
        Row(404, ApnsReason.BadPath, Answer.Rejected, AfterAnswer.GoOn, BeforeCredential), // may be judged before the credential
        Row(405, ApnsReason.MethodNotAllowed, Answer.Rejected, AfterAnswer.GoOn, BeforeCredential),
        Row(413, ApnsReason.PayloadTooLarge, Answer.Rejected),

        // The device token is dead, or looks so from where we stand.
        Row(410, ApnsReason.Unregistered, Answer.Unregistered),
        Row(410, ApnsReason.ExpiredToken, Answer.Unregistered),
        Row(400, ApnsReason.BadDeviceToken, Answer.Suspect),
        Row(400, ApnsReason.DeviceTokenNotForTopic, Answer.Suspect),

        // Every push of this app will fail the same way. A topic is judged after the credential, so the connection is fine.
        Row(400, ApnsReason.BadTopic, Answer.CredentialRefused),
        Row(400, ApnsReason.MissingTopic, Answer.CredentialRefused),
        Row(400, ApnsReason.TopicDisallowed, Answer.CredentialRefused),
        Row(403, ApnsReason.BadCertificate, Answer.CredentialRefused, AfterAnswer.ReplaceConnection, BeforeCredential),
        Row(403, ApnsReason.BadCertificateEnvironment, Answer.CredentialRefused, AfterAnswer.ReplaceConnection, BeforeCredential),
        Row(403, ApnsReason.Forbidden, Answer.CredentialRefused, AfterAnswer.GoOn, BeforeCredential),
        Row(403, ApnsReason.InvalidProviderToken, Answer.CredentialRefused, AfterAnswer.RedateTokenAndResend, BeforeCredential),
        Row(403, ApnsReason.MissingProviderToken, Answer.CredentialRefused, AfterAnswer.GoOn, BeforeCredential),
        Row(403, ApnsReason.BadEnvironmentKeyIdInToken, Answer.CredentialRefused, AfterAnswer.GoOn, BeforeCredential),
        // Apple's page has "KeyId", the service has been seen to say "Key".
        new("BadEnvironmentKeyInToken", ApnsReason.BadEnvironmentKeyIdInToken, 403, Answer.CredentialRefused, AfterAnswer.GoOn, BeforeCredential),
        Row(403, ApnsReason.ExpiredProviderToken, Answer.CredentialRefused, AfterAnswer.RenewTokenAndResend, BeforeCredential),
        Row(403, ApnsReason.UnrelatedKeyIdInToken, Answer.CredentialRefused, AfterAnswer.ResendElsewhere, BeforeCredential),

        // The provider token stays as it is: changing it again is what APNs complains about. It is the connection that has seen too
        // many, and it would go on to say so for 20 minutes.
        Row(429, ApnsReason.TooManyProviderTokenUpdates, Answer.Transient, AfterAnswer.ResendElsewhere, BeforeCredential),

        // Later, perhaps.
        Row(429, ApnsReason.TooManyRequests, Answer.Transient),
        Row(500, ApnsReason.InternalServerError, Answer.Transient, AfterAnswer.GoOn, BeforeCredential),
        Row(503, ApnsReason.ServiceUnavailable, Answer.Transient, AfterAnswer.GoOn, BeforeCredential),
        Row(503, ApnsReason.Shutdown, Answer.Transient, AfterAnswer.ReplaceConnection, BeforeCredential),
        Row(400, ApnsReason.IdleTimeout, Answer.Transient, AfterAnswer.ReplaceConnection, BeforeCredential),
    ];

    private static readonly FrozenDictionary<string, ReasonRow>.AlternateLookup<ReadOnlySpan<char>> ByWord =
        Table.ToFrozenDictionary(row => row.Word, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The row of a word as APNs spelled it; null for a word we do not know.</summary>
    public static ReasonRow? Find(ReadOnlySpan<char> word) => ByWord.TryGetValue(word, out var row) ? row : null;

    /// <summary>
    /// What a status means without a word that we know. Never <see cref="Answer.Unregistered"/> or <see cref="Answer.Suspect"/>: a
    /// proxy's error page must not cost a device its token.
    /// </summary>
    public static Answer ByStatus(int status) => status switch
    {
        200 => Answer.Accepted,
        > 200 and < 300 => Answer.Ambiguous, // something took it; it was not APNs
        403 => Answer.CredentialRefused,
        429 => Answer.Transient,
        >= 400 and < 500 => Answer.Rejected,
        _ => Answer.Transient, // 5xx, and redirects, which are never followed
    };

    private static ReasonRow Row(
        int status, ApnsReason reason, Answer answer, AfterAnswer after = AfterAnswer.GoOn, bool authenticated = AfterCredential) =>
        new(reason.ToString(), reason, status, answer, after, authenticated);
}
