namespace PushFanout.Worker.Ledger;

/// <summary>
/// What became of one token of a notification. The numbers are a lattice: merging two is taking the larger, so redelivery,
/// reordering and replay all end in the same counts.
/// </summary>
internal enum Outcome : byte
{
    Pending = 0,
    Held = 1,
    Cancelled = 2,
    Expired = 3,
    Undeliverable = 4,
    Rejected = 5,
    Unregistered = 6,
    Accepted = 7,
}

/// <summary>Why; five bits beside the three of <see cref="Outcome"/>. The numbers are stored.</summary>
internal enum OutcomeReason : byte
{
    None = 0,
    Unknown = 1,
    BadCollapseId = 2,
    BadDeviceToken = 3,
    BadExpirationDate = 4,
    BadMessageId = 5,
    BadPriority = 6,
    BadTopic = 7,
    DeviceTokenNotForTopic = 8,
    DuplicateHeaders = 9,
    InvalidPushType = 10,
    MissingDeviceToken = 11,
    MissingTopic = 12,
    PayloadEmpty = 13,
    TopicDisallowed = 14,
    BadPath = 15,
    MethodNotAllowed = 16,
    ExpiredToken = 17,
    Unregistered = 18,
    PayloadTooLarge = 19,
    /// <summary>APNs throttled this device until the attempts were used up.</summary>
    TooManyRequests = 20,
    /// <summary>APNs answered 5xx until the attempts were used up.</summary>
    ServerError = 21,
    /// <summary>Every attempt was written and never answered.</summary>
    NoAnswer = 22,
    /// <summary>APNs could not be reached in time.</summary>
    NotConnected = 23,
    /// <summary>APNs refused the credential.</summary>
    CredentialRefused = 24,
    /// <summary>The batch killed workers again and again without one outcome.</summary>
    Poison = 25,
    /// <summary>An operator or a reader parked the message that carried the token.</summary>
    Parked = 26,
    /// <summary>The notification's deadline or its expiration passed.</summary>
    Deadline = 27,
    /// <summary>Nothing was sent because the request asked for a dry run.</summary>
    DryRun = 28,
}

/// <summary>Outcome and reason as the one byte that the ledger keeps per token.</summary>
internal readonly record struct OutcomeByte(byte Value)
{
    public OutcomeByte(Outcome outcome, OutcomeReason reason) : this((byte)(((byte)outcome << 5) | (byte)reason)) { }

    /// <summary>Below it a token is pending or held; from it on its outcome is final.</summary>
    public const byte FirstFinal = (byte)Outcome.Cancelled << 5;

    public Outcome Outcome => (Outcome)(Value >> 5);

    public OutcomeReason Reason => (OutcomeReason)(Value & 0x1f);

    /// <summary>The larger outcome of the two; of equals the first stays.</summary>
    public static OutcomeByte Merge(OutcomeByte known, OutcomeByte given) => (given.Value >> 5) > (known.Value >> 5) ? given : known;
}
