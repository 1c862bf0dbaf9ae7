using System.Buffers.Binary;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Tests.Ledger;

/// <summary>Notifications, contents and calls as the worker makes them.</summary>
internal static class Sends
{
    public static readonly TimeSpan LongLease = TimeSpan.FromHours(1);
    public static readonly DateTimeOffset RequestedAt = new(2026, 3, 1, 12, 0, 0, 123, 456, TimeSpan.Zero);

    public static NewNotification Planned(int ranges, int window = 8, byte digest = 1) =>
        new(Guid.NewGuid(), "shop-ios", Digest(digest), "{\"n\":1}"u8.ToArray(), [.. Enumerable.Range(1, ranges).Select(r => r * 2)], window,
            ShortWay: null, Malformed: 1, UsersWithoutDevices: 2, RequestedAt);

    public static NewNotification Short(int tokens, byte digest = 1) => Planned(1, digest: digest) with { ShortWay = Content(0, tokens) };

    public static byte[] Digest(byte first) => [first, .. new byte[31]];

    /// <summary>The tokens first to first + count − 1, in order.</summary>
    public static RangeContent Content(int first, int count) => Content(Enumerable.Range(first, count));

    public static RangeContent Content(IEnumerable<int> tokens)
    {
        var writer = new PackedTokenWriter();
        foreach (var token in tokens)
        {
            writer.Add(Token(token));
        }
        return RangeContent.Of(writer.Written);
    }

    public static byte[] Token(int number)
    {
        var token = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(token, number);
        return token;
    }

    public static uint Receipt(int number) => TokenHash.Receipt(Token(number));

    public static ReadOnlyMemory<byte> All(Outcome outcome, int count, OutcomeReason reason = OutcomeReason.None)
    {
        var bytes = new byte[count];
        Array.Fill(bytes, new OutcomeByte(outcome, reason).Value);
        return bytes;
    }

    public static ClaimRequest Claim(Guid id, RangeContent content, int offset, int count, int range = 0, int generation = 1, int index = 0,
        int attempt = 0, ulong owner = 1, TimeSpan? lease = null) =>
        new(new BatchKey(id, range, generation, index, content.Digest64), offset, count, attempt, owner, lease ?? LongLease);

    public static SettleSegment Segment(ClaimRequest claim, ReadOnlyMemory<byte> outcomes, int at = 0, ulong? owner = null, int ambiguous = 0) =>
        new(claim.Batch, claim.Offset + at, outcomes, owner ?? claim.Owner, claim.Lease, ambiguous);

    public static Task<SettleResult> SettleAsync(this INotificationLedger ledger, params SettleSegment[] segments) =>
        ledger.SettleAsync(segments[0].Batch.Notification, segments, default);

    /// <summary>Settles nothing: only asks where the notification stands.</summary>
    public static async Task<LedgerProgress> AskAsync(this INotificationLedger ledger, Guid id) => (await ledger.SettleAsync(id, [], default)).Progress;

    public static Task<ClaimResult> ClaimAsync(this INotificationLedger ledger, ClaimRequest claim) => ledger.ClaimAsync(claim, default);

    /// <summary>Stores, expands and settles a whole range as one batch.</summary>
    public static async Task<LedgerProgress> DeliverAsync(this INotificationLedger ledger, Guid id, int range, RangeContent content)
    {
        var snap = await ledger.SnapAsync(id, range, content, default);
        await ledger.ExpandedAsync(id, range, snap.Generation, content.Digest64, default);
        var claim = Claim(id, content, 0, content.Tokens.Count, range, snap.Generation);
        return (await ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, content.Tokens.Count), owner: 0))).Progress;
    }

    /// <summary>Tokens by outcome, from pending to accepted.</summary>
    public static async Task AssertCountsAsync(this INotificationLedger ledger, Guid id, params long[] byOutcome)
    {
        var totals = (await ledger.ReadStatusAsync(id, default))!.Totals;
        Assert.Equal(byOutcome, totals.ByOutcome);
        Assert.Equal(byOutcome.Sum(), totals.Audience);
    }
}
