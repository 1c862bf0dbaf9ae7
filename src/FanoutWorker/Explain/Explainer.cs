using System.Globalization;
using PushFanout.Apns;
using PushFanout.TokenCache;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Explain;

/// <summary>
/// Answers "why did this device not get the push?" from the receipts, of which the ledger keeps four bytes a token. Two tokens may share them, so an
/// answer names everything that fits. The range of a token follows from its shard, so only that one is searched: in a range of 20,000 another
/// device's receipt fits by chance once in 200,000 questions, however large the audience.
/// </summary>
internal sealed class Explainer(INotificationLedger ledger, ITokenCache cache, AppCatalog apps, PushFanoutOptions options)
{
    /// <summary>Devices of one user that are explained; each is a search in the ledger.</summary>
    public const int MostDevices = 100;

    /// <param name="status">The notification; its app is configured here.</param>
    public async Task<Explanation> ExplainAsync(NotificationStatus status, DeviceSelector selector, CancellationToken cancellationToken)
    {
        var app = status.Totals.App;
        var registered = await cache.FindDevicesAsync(app, selector, cancellationToken);
        // A token that is not registered now may have been when the audience was read, or be given in the request itself.
        IReadOnlyList<(ReadOnlyMemory<byte> Token, DeviceRecord? Device)> asked = selector.Token is { } token
            ? [(token, registered.Count > 0 ? registered[0] : null)]
            : [.. registered.OrderByDescending(device => device.RegisteredAt).Take(MostDevices).Select(device => (device.Token, (DeviceRecord?)device))];
        var devices = new List<DeviceExplanation>(asked.Count);
        foreach (var (each, device) in asked)
        {
            devices.Add(await ExplainAsync(status, each, device, cancellationToken));
        }
        var found = asked.Count > 0 ? DeviceFinding.Devices : selector.UserId is null ? DeviceFinding.NoSuchDevice : DeviceFinding.UserHasNoDevices;
        return new Explanation(
            status.Totals.Id, app, status.State, status.Totals.RequestedAt, status.Totals.CompletedAt, found, TextOf(found, devices, status),
            devices, selector.Token is null ? registered.Count - asked.Count : 0);
    }

    private async Task<DeviceExplanation> ExplainAsync(NotificationStatus status, ReadOnlyMemory<byte> token, DeviceRecord? device, CancellationToken cancellationToken)
    {
        var (id, shards) = (status.Totals.Id, apps.Find(status.Totals.App)!.Options.Shards);
        var range = RangePlan.RangeOf(TokenHash.Shard(token.Span, shards), shards, status.Ranges);
        var found = await ledger.FindReceiptsAsync(id, range, TokenHash.Receipt(token.Span), cancellationToken);
        var fitting = found?.Fitting ?? [];
        var outcomes = fitting.Select(receipt => receipt.Outcome).Distinct().ToList();
        var verdict = (found, outcomes.Count) switch
        {
            (null, _) when status.State is NotificationState.Done => ExplainVerdict.ReceiptsGone,
            (null, _) => ExplainVerdict.NotReadYet,
            (_, 0) => ExplainVerdict.NotInAudience,
            (_, 1) => ExplainVerdict.Outcome,
            _ => ExplainVerdict.OneOfSeveral,
        };
        var text = verdict switch
        {
            ExplainVerdict.Outcome => OutcomeTexts.Of(outcomes[0], status.State),
            ExplainVerdict.OneOfSeveral =>
                $"{fitting.Count} receipts fit, since devices of this send share four bytes of hash; one is this device's: {string.Join("; or: ", outcomes.Select(outcome => OutcomeTexts.Of(outcome, status.State)))}",
            ExplainVerdict.NotInAudience => WhyNotInAudience(status, device),
            ExplainVerdict.NotReadYet => "The part of the audience that it would be in is not read yet; whether it is in it is decided then.",
            _ => string.Create(CultureInfo.InvariantCulture, $"Receipts are kept for {options.Receipts.Retention.TotalHours:0.##} hours after the end, and that time is over."),
        };
        return new DeviceExplanation(
            TokenFingerprint.Of(token.Span), device?.DeviceId, device?.UserId, device?.RegisteredAt, device?.Audiences, verdict,
            verdict is ExplainVerdict.Outcome ? outcomes[0].Outcome : null, verdict is ExplainVerdict.Outcome ? ReasonOf(outcomes[0]) : null, text,
            fitting.Count > 0 ? ApnsId.For(id, token.Span) : null, [.. fitting.Select(receipt => ViewOf(range, receipt))],
            fitting.Count > 0 ? found!.Size / Math.Pow(2, 32) : null);
    }

    private ReceiptView ViewOf(int range, TokenReceipt receipt) => new(
        range, receipt.Claim?.Index ?? receipt.Position / options.Expansion.BatchTokens, receipt.Position,
        receipt.Claim is { } claim ? claim.Attempt + (claim.Sending ? 1 : 0) : null, receipt.Claim is { Sending: true },
        receipt.Outcome.Outcome, ReasonOf(receipt.Outcome));

    private static OutcomeReason? ReasonOf(OutcomeByte outcome) => outcome.Reason is OutcomeReason.None ? null : outcome.Reason;

    private static string WhyNotInAudience(NotificationStatus status, DeviceRecord? device) => "It was not in the audience when that was read." + device switch
    {
        null => " It is not registered now.",
        { RegisteredAt: var at } when at > status.Totals.RequestedAt => " It registered, or did so again, after the request.",
        _ => "",
    };

    private static string TextOf(DeviceFinding found, IReadOnlyList<DeviceExplanation> devices, NotificationStatus status)
    {
        var text = found switch
        {
            DeviceFinding.NoSuchDevice => "No device of this device id is registered now. Ask by token for one that was removed since.",
            DeviceFinding.UserHasNoDevices => "No device of this user is registered now. Ask by token for one that was removed since.",
            _ => devices.Count == 1 ? devices[0].Text : $"{devices.Count(device => device.Outcome is Outcome.Accepted)} of {devices.Count} devices: accepted by APNs.",
        };
        return status.Totals.Exact ? text : text + " Redis lost part of the books of this send; what happened before that may be missing here.";
    }
}
