namespace PushFanout.Apns;

/// <summary>
/// Apple's reason words ("Handling notification responses from APNs"), and those of our own that say why there was no answer.
/// Values are stable: they may be stored.
/// </summary>
public enum ApnsReason : byte
{
    /// <summary>No reason: the push was accepted.</summary>
    None = 0,
    /// <summary>A word that is not in this table; <see cref="PushAnswer.ReasonText"/> has it.</summary>
    Unknown = 1,
#pragma warning disable CS1591 // Apple's words; their meaning and what we do on each is the table in ApnsReasons
    BadCollapseId = 2,
    BadDeviceToken = 3,
    BadExpirationDate = 4,
    BadMessageId = 5,
    BadPriority = 6,
    BadTopic = 7,
    DeviceTokenNotForTopic = 8,
    DuplicateHeaders = 9,
    IdleTimeout = 10,
    InvalidPushType = 11,
    MissingDeviceToken = 12,
    MissingTopic = 13,
    PayloadEmpty = 14,
    TopicDisallowed = 15,
    BadCertificate = 16,
    BadCertificateEnvironment = 17,
    ExpiredProviderToken = 18,
    Forbidden = 19,
    InvalidProviderToken = 20,
    MissingProviderToken = 21,
    UnrelatedKeyIdInToken = 22,
    BadEnvironmentKeyIdInToken = 23,
    BadPath = 24,
    MethodNotAllowed = 25,
    ExpiredToken = 26,
    Unregistered = 27,
    PayloadTooLarge = 28,
    TooManyProviderTokenUpdates = 29,
    TooManyRequests = 30,
    InternalServerError = 31,
    ServiceUnavailable = 32,
    Shutdown = 33,
#pragma warning restore CS1591
    /// <summary>Ours: no connection could be made before the push's deadline.</summary>
    NotConnected = 64,
    /// <summary>Ours: the connection ended before the request was handled, or the server refused the stream.</summary>
    NotHandled = 65,
    /// <summary>Ours: the sender was stopped before the push was written.</summary>
    Stopped = 66,
    /// <summary>Ours: written, and no answer within the deadline.</summary>
    AnswerTimeout = 67,
    /// <summary>Ours: written, and the connection or stream broke before an answer.</summary>
    ConnectionLost = 68,
    /// <summary>Ours: the answer was not HTTP as APNs speaks it.</summary>
    UnreadableAnswer = 69,
}
