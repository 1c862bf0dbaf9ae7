using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Explain;

/// <summary>Why a device did or did not get a push, as the API and the command line tell it. No token is in it.</summary>
/// <param name="Found">Whether the question led to a device at all.</param>
/// <param name="Text">The same in a sentence.</param>
/// <param name="Devices">One per device; the most recently registered first.</param>
/// <param name="MoreDevices">Devices of the user that are left out because there are so many.</param>
internal sealed record Explanation(
    Guid NotificationId, string App, NotificationState State, DateTimeOffset RequestedAt, DateTimeOffset? CompletedAt, DeviceFinding Found, string Text,
    IReadOnlyList<DeviceExplanation> Devices, int MoreDevices);

internal enum DeviceFinding : byte
{
    Devices,
    /// <summary>No device of this device id is registered now.</summary>
    NoSuchDevice,
    /// <summary>No device of this user is registered now.</summary>
    UserHasNoDevices,
}

/// <param name="Fingerprint">Of the token, see <see cref="TokenCache.TokenFingerprint"/>.</param>
/// <param name="RegisteredAt">When it registered last; null when it is not registered now.</param>
/// <param name="Audiences">The audiences that it is in now.</param>
/// <param name="Verdict">What is known.</param>
/// <param name="Outcome">With <see cref="ExplainVerdict.Outcome"/>.</param>
/// <param name="Reason">Why, where the outcome has a reason.</param>
/// <param name="Text">The same in a sentence.</param>
/// <param name="ApnsId">The <c>apns-id</c> that its push has or would have; null when it was not in the audience.</param>
/// <param name="Receipts">What fits it; more than one only when two devices have the same four bytes of hash.</param>
/// <param name="ChanceOfCoincidence">How likely a receipt fits that is another device's: receipts that were compared / 2³².</param>
internal sealed record DeviceExplanation(
    string Fingerprint, string? DeviceId, string? UserId, DateTimeOffset? RegisteredAt, IReadOnlyList<string>? Audiences,
    ExplainVerdict Verdict, Outcome? Outcome, OutcomeReason? Reason, string Text, Guid? ApnsId,
    IReadOnlyList<ReceiptView> Receipts, double? ChanceOfCoincidence);

internal enum ExplainVerdict : byte
{
    /// <summary>Every receipt that fits says the same.</summary>
    Outcome,
    /// <summary>Receipts fit that say different things: one of them is the device's.</summary>
    OneOfSeveral,
    /// <summary>No receipt fits: it was not in the audience when that was read.</summary>
    NotInAudience,
    /// <summary>The part of the audience that it would be in is not read yet.</summary>
    NotReadYet,
    /// <summary>The notification ended longer ago than receipts are kept.</summary>
    ReceiptsGone,
}

/// <param name="Batch">By the batch's claim while it has one, else by the size that batches have now.</param>
/// <param name="Position">In the range.</param>
/// <param name="Attempts">Attempts begun so far; null when it is not known, as it is once the batch is settled.</param>
internal sealed record ReceiptView(int Range, int Batch, int Position, int? Attempts, bool Sending, Outcome Outcome, OutcomeReason? Reason);
