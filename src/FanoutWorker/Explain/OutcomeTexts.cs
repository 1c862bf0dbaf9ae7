using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Explain;

/// <summary>What an outcome and its reason mean, for whoever has to answer a user.</summary>
internal static class OutcomeTexts
{
    public static string Of(OutcomeByte value, NotificationState state) => value.Outcome switch
    {
        Outcome.Pending => WhyPending(state),
        Outcome.Held => "APNs called the token bad while it did the same with many others. It is held until that is cleared up; then it is sent again or rejected.",
        Outcome.Cancelled => value.Reason is OutcomeReason.DryRun ? "Nothing was sent: the request asked for a dry run." : "The notification was cancelled before this push was sent.",
        Outcome.Expired => "The deadline had passed before APNs took it.",
        Outcome.Undeliverable => WhyUndeliverable(value.Reason),
        Outcome.Rejected => WhyRejected(value.Reason),
        Outcome.Unregistered => "APNs answered that the app is no longer on the device. The device is removed unless it has registered since.",
        Outcome.Accepted => "APNs accepted it. Whether the device showed it nobody is told: it may be off, in a Focus, or have notifications switched off.",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Value, null),
    };

    private static string WhyPending(NotificationState state) => state switch
    {
        NotificationState.Paused => "Not sent yet: the notification is paused.",
        NotificationState.Braked => "Not sent yet: the brake of the app holds the notification.",
        NotificationState.Cancelled or NotificationState.Expired => "Not sent yet, and it will not be: what is left of the notification is only counted.",
        _ => "Not sent yet, or sent and not answered.",
    };

    private static string WhyUndeliverable(OutcomeReason reason) => reason switch
    {
        OutcomeReason.NoAnswer => "It was sent until the attempts were used up, and APNs never answered: the device may have got it all the same.",
        OutcomeReason.TooManyRequests => "APNs throttled this device until the attempts were used up.",
        OutcomeReason.ServerError => "APNs answered with errors of its own until the attempts were used up.",
        OutcomeReason.NotConnected => "APNs could not be reached until the attempts were used up.",
        OutcomeReason.CredentialRefused => "APNs refused the key or certificate of the app.",
        OutcomeReason.Poison => "The batch that it was in ended several workers; it is in the parked queue.",
        OutcomeReason.Parked => "The message that it was in was parked.",
        _ => $"It could not be sent ({reason}).",
    };

    private static string WhyRejected(OutcomeReason reason) => reason switch
    {
        OutcomeReason.BadDeviceToken => "APNs refused the token (BadDeviceToken): it is damaged, or of the other environment than the app is configured for.",
        OutcomeReason.DeviceTokenNotForTopic => "APNs refused the token (DeviceTokenNotForTopic): it belongs to another app than the topic says.",
        OutcomeReason.PayloadTooLarge => "APNs refused the payload as too large.",
        OutcomeReason.Unknown => "APNs refused it for a reason that this version does not know.",
        _ => $"APNs refused it ({reason}).",
    };
}
