namespace PushFanout.Worker.Ledger;

/// <summary>A request with the plan that intake made for it.</summary>
/// <param name="Id">The notification's id.</param>
/// <param name="App">The app's name.</param>
/// <param name="Digest">Identity of the request's content, 32 bytes: the same id with another digest is a conflict.</param>
/// <param name="Request">The request as JSON, opaque here; dropped at close.</param>
/// <param name="RangeEnds">Range r covers shards [RangeEnds[r−1], RangeEnds[r]); one entry on the short way.</param>
/// <param name="Window">How many ranges are released at once.</param>
/// <param name="ShortWay">The tokens when they all fit one batch (may be zero tokens); null on the planned way.</param>
/// <param name="Malformed">Tokens of the request that were no tokens.</param>
/// <param name="UsersWithoutDevices">Users of the request without a device.</param>
/// <param name="RequestedAt">When the worker first saw the request.</param>
internal sealed record NewNotification(
    Guid Id, string App, ReadOnlyMemory<byte> Digest, ReadOnlyMemory<byte> Request, IReadOnlyList<int> RangeEnds, int Window,
    RangeContent? ShortWay, int Malformed, int UsersWithoutDevices, DateTimeOffset RequestedAt)
{
    private const int GenerationsPerLoss = 1000;

    /// <summary>
    /// How often the ledger had lost it before: not 0 when this makes the record anew from what is left in messages. Then the
    /// totals say that they are not exact.
    /// </summary>
    public int Losses { get; init; }

    /// <summary>
    /// The generation of a range's first content. After a loss another than before, so that what is still under way for the old
    /// content is stale; on the short way the content is the same, for it comes from the batch itself.
    /// </summary>
    public int FirstGeneration => ShortWay is null ? 1 + (GenerationsPerLoss * Losses) : 1;

    public override string ToString() => $"notification {Id} of {App} in {RangeEnds.Count} ranges";
}

internal enum CreateVerdict : byte
{
    /// <summary>Written now.</summary>
    New,
    /// <summary>Written before with the same digest: go on with what is stored.</summary>
    Same,
    /// <summary>Written before with another digest.</summary>
    Conflict,
    /// <summary>Ended before; nothing to do.</summary>
    Done,
    /// <summary>Written now, but a cancel was waiting for this id: it is created cancelled and only counts.</summary>
    Cancelled,
}

/// <param name="Verdict">What happened.</param>
/// <param name="State">The state now; paused when a pause was waiting for this id.</param>
/// <param name="Stored">What is stored: on <see cref="CreateVerdict.Same"/> the first plan, not the one given. Null on conflict and done.</param>
/// <param name="ShortWay">The stored tokens of the short way; null on the planned way.</param>
/// <param name="Now">Redis time.</param>
internal sealed record CreateResult(
    CreateVerdict Verdict, NotificationState State, StoredNotification? Stored, RangeContent? ShortWay, DateTimeOffset Now);

/// <summary>What a record holds of its request.</summary>
/// <param name="Request">The request as JSON.</param>
/// <param name="RangeEnds">The plan, see <see cref="NewNotification.RangeEnds"/>.</param>
/// <param name="Released">Ranges 0 to Released − 1 have been handed out for expansion.</param>
/// <param name="Unfinished">Released ranges whose batches are not all confirmed yet.</param>
/// <param name="State">The state now.</param>
/// <param name="Complete">Every token is settled but <see cref="INotificationLedger.CloseAsync"/> has not run.</param>
/// <param name="SettledTokens">Tokens with an outcome: standing still over two ticks means a stall.</param>
/// <param name="RequestedAt">When the worker first saw the request.</param>
/// <param name="ShortWay">Whether it went the short way.</param>
/// <param name="Now">Redis time.</param>
/// <param name="Ticked">See <see cref="INotificationLedger.TickedAsync"/>; null before the first.</param>
internal sealed record StoredNotification(
    Guid Id, string App, ReadOnlyMemory<byte> Request, IReadOnlyList<int> RangeEnds, int Released, IReadOnlyList<int> Unfinished,
    NotificationState State, bool Complete, long SettledTokens, DateTimeOffset RequestedAt, bool ShortWay, DateTimeOffset Now,
    int? Ticked = null)
{
    public override string ToString() => $"notification {Id} of {App}, {State}";
}
