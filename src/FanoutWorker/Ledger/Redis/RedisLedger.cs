using System.Globalization;
using PushFanout.TokenCache.Redis;
using StackExchange.Redis;

namespace PushFanout.Worker.Ledger;

/// <summary>
/// The ledger in Redis: one Lua script per operation, so that each happens wholly or not at all, and Redis' clock for leases.
/// What it wrote last is repeated on a Redis that was restarted or took over, see <see cref="LedgerReplay"/>.
/// </summary>
internal sealed class RedisLedger(RedisConnection connection, string keyPrefix, TimeProvider clock, LedgerLimits? limits = null)
    : INotificationLedger, IAsyncDisposable
{
    private readonly LedgerReplay _replay = new(connection, clock);
    private readonly LedgerLimits _limits = limits ?? LedgerLimits.Default;
    private readonly LedgerScripts _scripts = new(limits ?? LedgerLimits.Default);
    private readonly RedisKey _recent = $"{keyPrefix}:notifications";
    private readonly RedisKey _running = $"{keyPrefix}:running";

    public async Task<CreateResult> CreateAsync(NewNotification notification, CancellationToken cancellationToken)
    {
        var range = Keys(notification.Id);
        var keys = range.With(range.Outcomes(0), range.Receipts(0), range.Snapshot(0));
        var arguments = CreateArguments(notification);
        var answer = await connection.EvaluateAsync(_scripts.Create, keys, arguments, cancellationToken);
        var created = ReadCreated(new LedgerReply(answer), notification);
        if (created.Stored is { } stored)
        {
            // Never the plan of a repetition: on a Redis that forgot the first one it would take its place, and what is under way was cut by the first.
            _replay.Remember(_scripts.Create, keys, created.Verdict is CreateVerdict.Same ? CreateArguments(AsStored(notification, created, stored)) : arguments);
            // Another slot, so a second step: when it fails, the caller's retry is answered Same and comes here again.
            await ListAsync(stored, cancellationToken);
        }
        return created;
    }

    public async Task<SnapResult> SnapAsync(Guid id, int range, RangeContent content, CancellationToken cancellationToken)
    {
        var keysOfRange = Keys(id);
        var keys = keysOfRange.With(keysOfRange.Outcomes(range), keysOfRange.Receipts(range), keysOfRange.Snapshot(range));
        RedisValue[] arguments = [range, .. Arguments(content)];
        var reply = await Evaluate(_scripts.Snap, keys, arguments, cancellationToken);
        var verdict = reply.Text();
        var state = reply.State();
        var now = reply.Time();
        var generation = reply.Int();
        if (verdict is "stored")
        {
            _replay.Remember(_scripts.Snap, keys, arguments);
        }
        return verdict switch
        {
            "stored" => new(SnapVerdict.Stored, state, generation, content, now),
            "use" => new(SnapVerdict.UseStored, state, generation, reply.Content(), now),
            "done" => new(SnapVerdict.Done, state, generation, default, now),
            _ => new(SnapVerdict.Lost, state, generation, default, now),
        };
    }

    public async Task<LedgerProgress> ExpandedAsync(Guid id, int range, int generation, ulong digest64, CancellationToken cancellationToken)
    {
        var keysOfRange = Keys(id);
        var keys = keysOfRange.With(keysOfRange.Snapshot(range));
        RedisValue[] arguments = [range, generation, Hex(digest64)];
        var progress = (await Evaluate(_scripts.Expanded, keys, arguments, cancellationToken)).Progress();
        _replay.Remember(_scripts.Expanded, keys, arguments);
        return progress;
    }

    public async Task<ClaimResult> ClaimAsync(ClaimRequest claim, CancellationToken cancellationToken)
    {
        var keys = Keys(claim.Batch.Notification);
        var reply = await Evaluate(
            _scripts.Claim, keys.With(keys.Outcomes(claim.Batch.Range)),
            [.. Arguments(claim.Batch), claim.Offset, claim.Count, claim.Attempt, Text(claim.Owner), Milliseconds(claim.Lease), claim.Unhold ? 1 : 0],
            cancellationToken);
        var verdict = reply.Text() switch
        {
            "go" => ClaimVerdict.Go,
            "settled" => ClaimVerdict.Settled,
            "stale" => ClaimVerdict.Stale,
            "busy" => ClaimVerdict.Busy,
            "paused" => ClaimVerdict.Paused,
            "cancelled" => ClaimVerdict.Cancelled,
            "poison" => ClaimVerdict.Poison,
            "done" => ClaimVerdict.Done,
            _ => ClaimVerdict.Lost,
        };
        var progress = reply.Progress();
        return reply.HasMore ? new(verdict, progress, reply.Bytes(), reply.Time()) : new(verdict, progress, default, default);
    }

    public async Task<SettleResult> SettleAsync(Guid id, IReadOnlyList<SettleSegment> segments, CancellationToken cancellationToken)
    {
        var keys = KeysOf(id, segments);
        var reply = await Evaluate(_scripts.Settle, keys, Arguments(segments), cancellationToken);
        var settled = new SettleResult(reply.Progress(), [.. reply.Text().Select(flag => flag == '1')]) { Lost = reply.HasMore };
        // Only outcomes merge. A lease is not ours for ever, and what was counted as ambiguous would be counted twice.
        SettleSegment[] outcomes = [.. segments.Where(segment => !segment.Outcomes.IsEmpty).Select(segment => segment with { Owner = 0, Ambiguous = 0 })];
        if (outcomes.Length > 0)
        {
            _replay.Remember(_scripts.Settle, KeysOf(id, outcomes), Arguments(outcomes));
        }
        return settled;
    }

    public Task AdvanceAsync(BatchKey batch, int nextAttempt, CancellationToken cancellationToken) =>
        connection.EvaluateAsync(_scripts.Advance, Keys(batch.Notification).With(), [.. Arguments(batch), nextAttempt], cancellationToken);

    public Task HandBackAsync(BatchKey batch, ulong owner, CancellationToken cancellationToken) =>
        connection.EvaluateAsync(_scripts.HandBack, Keys(batch.Notification).With(), [.. Arguments(batch), Text(owner)], cancellationToken);

    public async Task<NotificationTotals?> FinishAsync(Guid id, CancellationToken cancellationToken)
    {
        var keys = Keys(id).With();
        var answer = await connection.EvaluateAsync(_scripts.Finish, keys, [], cancellationToken);
        if (!answer.IsNull)
        {
            _replay.Remember(_scripts.Finish, keys);
        }
        // What comes late must not make a repeated answer differ.
        return answer.IsNull ? null : StoredRecord.From(id, answer).Totals() with { Late = 0 };
    }

    public async Task CloseAsync(Guid id, TimeSpan dedupeWindow, TimeSpan receiptRetention, CancellationToken cancellationToken)
    {
        var keys = Keys(id).With();
        RedisValue[] arguments = [Milliseconds(dedupeWindow), Milliseconds(receiptRetention)];
        await connection.EvaluateAsync(_scripts.Close, keys, arguments, cancellationToken);
        _replay.Remember(_scripts.Close, keys, arguments);
    }

    public async Task<ControlResult> ControlAsync(Guid id, ControlAction action, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var name = action switch
        {
            ControlAction.Pause => "pause",
            ControlAction.Resume => "resume",
            ControlAction.Cancel => "cancel",
            ControlAction.Expire => "expire",
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Not a control action."),
        };
        var keys = Keys(id).With();
        RedisValue[] arguments = [name, at.ToUnixMicroseconds()];
        var reply = await Evaluate(_scripts.Control, keys, arguments, cancellationToken);
        _replay.Remember(_scripts.Control, keys, arguments);
        return new(reply.State(), Known: reply.Bool(), Applied: reply.Bool(), Complete: reply.Bool());
    }

    public async Task<StoredNotification?> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        var answer = await connection.EvaluateAsync(_scripts.Read, Keys(id).With(), [], cancellationToken);
        return answer.IsNull ? null : new LedgerReply(answer).Stored(id);
    }

    /// <remarks>Not repeated on a Redis that forgot it: then a copy of a tick goes on once more.</remarks>
    public Task TickedAsync(Guid id, int number, CancellationToken cancellationToken) =>
        connection.EvaluateAsync(_scripts.Ticked, Keys(id).With(), [number], cancellationToken);

    public async Task<bool> IsTakenByOtherContentAsync(Guid id, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        var key = Keys(id).Record;
        var fields = await connection.ExecuteAsync("HMGET", database => database.HashGetAsync(key, ["digest", "dedupeUntil"]), cancellationToken);
        return fields[0] is { IsNull: false } known && !((byte[])known!).AsSpan().SequenceEqual(digest.Span)
            && (fields[1].IsNull || clock.GetUtcNow().ToUnixTimeMilliseconds() < (long)fields[1]);
    }

    public async Task<NotificationStatus?> ReadStatusAsync(Guid id, CancellationToken cancellationToken)
    {
        var key = Keys(id).Record;
        var fields = await connection.ExecuteAsync("HGETALL", database => database.HashGetAllAsync(key), cancellationToken);
        var record = new StoredRecord(id, fields.Select(field => KeyValuePair.Create((string)field.Name!, field.Value)));
        return record.Exists ? record.Status() : null;
    }

    public async Task<IReadOnlyList<NotificationStatus>> ListAsync(int limit, DateTimeOffset? before, CancellationToken cancellationToken)
    {
        var listed = new List<NotificationStatus>();
        var end = before is { } moment ? (double)moment.ToUnixMicroseconds() : double.PositiveInfinity;
        var atOnce = limit + 1; // one more, to see whether it belongs to the page too
        for (var skip = 0; ; skip += atOnce)
        {
            var from = skip;
            var ids = await connection.ExecuteAsync(
                "ZREVRANGEBYSCORE",
                database => database.SortedSetRangeByScoreAsync(_recent, stop: end, exclude: Exclude.Stop, order: Order.Descending, skip: from, take: atOnce),
                cancellationToken);
            // The list outlives its records: what is gone makes room for older ones.
            foreach (var status in (await Task.WhenAll(ids.Select(id => ReadStatusAsync(Guid.Parse((string)id!), cancellationToken)))).OfType<NotificationStatus>())
            {
                if (listed.Count >= limit && status.Totals.RequestedAt != listed[^1].Totals.RequestedAt)
                {
                    return listed;
                }
                listed.Add(status);
            }
            if (ids.Length < atOnce)
            {
                return listed;
            }
        }
    }

    public async Task<IReadOnlyList<NotificationStatus>> ListRunningAsync(CancellationToken cancellationToken)
    {
        var ids = await connection.ExecuteAsync("ZRANGE", database => database.SortedSetRangeByRankAsync(_running, 0, _limits.Running - 1), cancellationToken);
        var statuses = await Task.WhenAll(ids.Select(id => ReadStatusAsync(Guid.Parse((string)id!), cancellationToken)));
        var ended = ids.Where((_, i) => statuses[i] is null or { State: NotificationState.Done }).ToArray();
        if (ended.Length > 0)
        {
            // Here and not at the end of each: a send of one batch would pay for it too.
            await connection.ExecuteAsync("ZREM", database => database.SortedSetRemoveAsync(_running, ended), cancellationToken);
        }
        return [.. statuses.OfType<NotificationStatus>().Where(status => status.State != NotificationState.Done)];
    }

    public async Task<RangeReceipts?> FindReceiptsAsync(Guid id, int range, uint receiptHash, CancellationToken cancellationToken)
    {
        var keys = Keys(id);
        var hash = new byte[sizeof(uint)];
        ReceiptHashes.Write(hash, receiptHash);
        var answer = await connection.EvaluateAsync(
            _scripts.Receipts, keys.With(keys.Outcomes(range), keys.Receipts(range)), [range, hash], cancellationToken);
        if (answer.IsNull)
        {
            return null;
        }
        var found = new LedgerReply(answer);
        var size = found.Int();
        var fitting = new List<TokenReceipt>();
        while (found.HasMore)
        {
            var (position, outcome) = (found.Int(), new OutcomeByte((byte)found.Int()));
            var (batch, attempt, sending) = (found.Int(), found.Int(), found.Bool());
            fitting.Add(new(position, outcome, batch < 0 ? null : new BatchStanding(batch, attempt, sending)));
        }
        return new(size, fitting);
    }

    public ValueTask DisposeAsync() => _replay.DisposeAsync();

    private Task<long> ListAsync(StoredNotification stored, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("ZADD", database =>
        {
            if (!stored.ShortWay)
            {
                _ = database.SortedSetAddAsync(_running, stored.Id.ToString("D"), stored.RequestedAt.ToUnixMicroseconds(), CommandFlags.FireAndForget);
            }
            _ = database.SortedSetAddAsync(_recent, stored.Id.ToString("D"), stored.RequestedAt.ToUnixMicroseconds(), CommandFlags.FireAndForget);
            return database.SortedSetRemoveRangeByRankAsync(_recent, 0, -_limits.Listed - 1);
        }, cancellationToken);

    private static CreateResult ReadCreated(LedgerReply reply, NewNotification given)
    {
        var verdict = reply.Text() switch
        {
            "new" => CreateVerdict.New,
            "same" => CreateVerdict.Same,
            "conflict" => CreateVerdict.Conflict,
            "done" => CreateVerdict.Done,
            _ => CreateVerdict.Cancelled,
        };
        if (verdict is CreateVerdict.Same)
        {
            var stored = reply.Stored(given.Id);
            return new(verdict, stored.State, stored, stored.ShortWay ? reply.Content() : null, stored.Now);
        }
        var state = reply.State();
        var now = reply.Time();
        if (verdict is CreateVerdict.Conflict or CreateVerdict.Done)
        {
            return new(verdict, state, null, null, now);
        }
        var released = Math.Min(given.Window, given.RangeEnds.Count);
        var written = new StoredNotification(
            given.Id, given.App, given.Request, given.RangeEnds, released, given.ShortWay is null ? [.. Enumerable.Range(0, released)] : [],
            state, Complete: reply.Bool(), SettledTokens: 0, given.RequestedAt.WholeMicroseconds(), given.ShortWay is not null, now);
        return new(verdict, state, written, given.ShortWay, now);
    }

    private static NewNotification AsStored(NewNotification given, CreateResult created, StoredNotification stored) =>
        given with { RangeEnds = stored.RangeEnds, ShortWay = created.ShortWay, RequestedAt = stored.RequestedAt };

    private static RedisValue[] CreateArguments(NewNotification notification) =>
    [
        notification.Digest.ToArray(), notification.App, notification.Request.ToArray(), LedgerReply.FormatPlan(notification.RangeEnds),
        notification.RangeEnds.Count, notification.Window, notification.Malformed, notification.UsersWithoutDevices,
        notification.RequestedAt.ToUnixMicroseconds(), notification.Losses, notification.FirstGeneration, .. notification.ShortWay is { } tokens ? Arguments(tokens) : [],
    ];

    private static RedisValue[] Arguments(RangeContent content) =>
        [content.Tokens.Bytes.ToArray(), content.Tokens.Count, Hex(content.Digest64), ReceiptHashes.Pack(content.Tokens)];

    private static RedisValue[] Arguments(IReadOnlyList<SettleSegment> segments) =>
    [
        .. segments.SelectMany(segment => (RedisValue[])
        [
            .. Arguments(segment.Batch), segment.Offset, segment.Outcomes.ToArray(), Text(segment.Owner), Milliseconds(segment.Lease), segment.Ambiguous,
        ]),
    ];

    private static RedisValue[] Arguments(BatchKey batch) => [batch.Range, batch.Generation, batch.Index, Hex(batch.Digest64)];

    private static string Hex(ulong digest) => digest.ToString("x16", CultureInfo.InvariantCulture);

    private static string Text(ulong owner) => owner.ToString(CultureInfo.InvariantCulture);

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;

    private LedgerKeys Keys(Guid id) => new(keyPrefix, id);

    private RedisKey[] KeysOf(Guid id, IReadOnlyList<SettleSegment> segments)
    {
        var keys = Keys(id);
        return keys.With([.. segments.Select(segment => keys.Outcomes(segment.Batch.Range))]);
    }

    private async Task<LedgerReply> Evaluate(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        new(await connection.EvaluateAsync(script, keys, arguments, cancellationToken));
}
