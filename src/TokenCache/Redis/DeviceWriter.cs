using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>
/// Registers devices, one or many at a time. The steps are ordered so that a crash between any two leaves what the next
/// attempt needs: shard bits before members, the record before what points to it, an older token of the same device id
/// gone before the id names the newer one. Doing it all again changes nothing.
/// </summary>
internal sealed class DeviceWriter(RedisConnection connection, AppKeys keys, AudienceShards shards, DeviceRemover remover)
{
    public async Task<RegistrationResult[]> WriteAsync(IReadOnlyList<DeviceRegistration> devices, CancellationToken cancellationToken)
    {
        var entries = devices.Select(device => new Entry(device, keys.ShardOf(device.Token.Span))).ToArray();
        await shards.MarkAsync(ShardsByAudience(entries), cancellationToken).ConfigureAwait(false);
        await Pipelined.ForEachAsync(Pipelined.ByShard(entries, entry => entry.Shard), RegisterAsync, cancellationToken).ConfigureAwait(false);
        var stored = entries.Where(entry => entry.Result != RegistrationResult.Stale).ToList();
        await Task.WhenAll(
            shards.NoteNamesAsync([.. stored.SelectMany(entry => entry.Audiences ?? []).Distinct()], cancellationToken),
            Pipelined.ForEachAsync(entries.Except(stored).Where(entry => entry.DeviceId.Length > 0), LeaveOlderTokensAsync, cancellationToken),
            ForgetOwnersAsync(stored, cancellationToken),
            HintUsersAsync(stored.Where(entry => entry.UserId.Length > 0), cancellationToken),
            ClaimIdsAsync(stored.Where(entry => entry.DeviceId.Length > 0), cancellationToken)).ConfigureAwait(false);
        return [.. entries.Select(entry => entry.Result)];
    }

    private Dictionary<string, BitArray> ShardsByAudience(Entry[] entries)
    {
        var all = new BitArray(keys.Shards);
        var audiences = new Dictionary<string, BitArray> { [DeviceLimits.AllDevices] = all };
        foreach (var entry in entries)
        {
            all[entry.Shard] = true;
            foreach (var name in entry.Audiences ?? [])
            {
                if (!audiences.TryGetValue(name, out var bits))
                {
                    audiences[name] = bits = new BitArray(keys.Shards);
                }
                bits[entry.Shard] = true;
            }
        }
        return audiences;
    }

    private async Task RegisterAsync((int Shard, Entry[] Items) call, CancellationToken cancellationToken)
    {
        var values = new RedisValue[call.Items.Length * 4];
        for (var i = 0; i < call.Items.Length; i++)
        {
            var entry = call.Items[i];
            values[4 * i] = entry.Token;
            values[4 * i + 1] = entry.At;
            values[4 * i + 2] = DeviceValue.Pack(entry.UserId, entry.DeviceId);
            values[4 * i + 3] = entry.Audiences is null ? DeviceValue.LeaveAudiences : DeviceValue.Pack(entry.Audiences);
        }
        var answers = (RedisValue[]?)await connection.EvaluateAsync(
            TokenScripts.Register, [keys.Devices(call.Shard), keys.Gone(call.Shard)], values, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < call.Items.Length; i++)
        {
            call.Items[i].Hear(answers![i]);
        }
    }

    /// <summary>A registration that comes too late still says that the device had left its older tokens by then.</summary>
    private Task LeaveOlderTokensAsync(Entry stale, CancellationToken cancellationToken) =>
        remover.RemoveOwnedAsync(null, stale.DeviceId, stale.At - 1, cancellationToken);

    private Task ForgetOwnersAsync(IEnumerable<Entry> stored, CancellationToken cancellationToken) =>
        Pipelined.ForEachAsync(stored.Where(entry => entry.Replaced is not null), (entry, stop) =>
        {
            var old = entry.Replaced!;
            return remover.ForgetAsync(entry.Token, entry.At,
                old.UserId == entry.UserId ? null : old.UserId, old.DeviceId == entry.DeviceId ? null : old.DeviceId, stop);
        }, cancellationToken);

    private Task HintUsersAsync(IEnumerable<Entry> stored, CancellationToken cancellationToken) =>
        Pipelined.ForEachAsync(Pipelined.ByShard(stored, entry => keys.ShardOf(entry.UserId)), async (call, stop) =>
        {
            var values = call.Items.SelectMany(entry => new RedisValue[] { entry.UserId, entry.Token, entry.At }).ToArray();
            var answers = (RedisValue[]?)await connection.EvaluateAsync(
                TokenScripts.Hint, [keys.GoneOwners(call.Shard)], values, stop).ConfigureAwait(false);
            var gone = call.Items.Zip(answers!, (entry, answer) => (Entry: entry, At: (long)answer)).Where(user => user.At >= 0).ToList();
            await TakeBackAsync(gone.Select(user => (user.Entry, new Removal(user.Entry.Token, user.At, UserId: user.Entry.UserId))), stop).ConfigureAwait(false);
        }, cancellationToken);

    private async Task ClaimIdsAsync(IEnumerable<Entry> stored, CancellationToken cancellationToken)
    {
        var latest = stored.GroupBy(entry => entry.DeviceId).Select(same => (Entry: same.Max(Entry.ByClaim)!, Same: same)).ToList();
        await TakeBackAsync(
            latest.SelectMany(id => id.Same.Where(entry => !entry.Token.AsSpan().SequenceEqual(id.Entry.Token))
                .Select(entry => (entry, new Removal(entry.Token, id.Entry.At, DeviceId: entry.DeviceId)))), cancellationToken).ConfigureAwait(false);
        // A round that leaves something over has met another writer of the same device id, who then is done.
        for (IReadOnlyCollection<Entry> left = [.. latest.Select(id => id.Entry)]; left.Count > 0;)
        {
            var again = new ConcurrentBag<Entry>();
            await Pipelined.ForEachAsync(Pipelined.ByShard(left, entry => keys.ShardOf(entry.DeviceId)), async (call, stop) =>
            {
                foreach (var entry in await ClaimIdsAsync(call.Shard, call.Items, stop).ConfigureAwait(false))
                {
                    again.Add(entry);
                }
            }, cancellationToken).ConfigureAwait(false);
            left = again;
        }
    }

    /// <returns>Those whose device id still named an older token; it has been removed, and they have to ask again.</returns>
    private async Task<List<Entry>> ClaimIdsAsync(int shard, Entry[] entries, CancellationToken cancellationToken)
    {
        var values = entries.SelectMany(entry => new RedisValue[] { entry.DeviceId, entry.Token, entry.At, entry.HeldBy }).ToArray();
        var answers = (RedisValue[]?)await connection.EvaluateAsync(
            TokenScripts.Claim, [keys.Ids(shard), keys.GoneOwners(shard)], values, cancellationToken).ConfigureAwait(false);
        var lost = new List<(Entry, Removal)>();
        var held = new List<Entry>();
        foreach (var (entry, value) in entries.Zip(answers!))
        {
            byte[] answer = value!;
            if (answer.AsSpan().StartsWith("lost "u8))
            {
                var at = long.Parse(answer.AsSpan(5), CultureInfo.InvariantCulture);
                lost.Add((entry, new Removal(entry.Token, at, DeviceId: entry.DeviceId)));
            }
            else if (answer.AsSpan().StartsWith("held "u8))
            {
                entry.HeldBy = answer[5..];
                held.Add(entry);
            }
        }
        await TakeBackAsync(lost, cancellationToken).ConfigureAwait(false);
        await remover.RemoveAsync(held.Select(entry => new Removal(entry.HeldBy.AsMemory(6), entry.At, DeviceId: entry.DeviceId)), cancellationToken)
            .ConfigureAwait(false);
        return held;
    }

    /// <summary>Removes registrations that came after their user or device id was removed, or got a newer token.</summary>
    private async Task TakeBackAsync(IEnumerable<(Entry Entry, Removal Removal)> lost, CancellationToken cancellationToken)
    {
        var entries = lost.ToList();
        await remover.RemoveAsync(entries.Select(entry => entry.Removal), cancellationToken).ConfigureAwait(false);
        entries.ForEach(entry => entry.Entry.Result = RegistrationResult.Stale);
    }

    /// <summary>One registration on its way.</summary>
    private sealed class Entry(DeviceRegistration device, int shard)
    {
        /// <summary>Which of two tokens a device id goes to: the later, of the same moment the greater; as in <c>claim.lua</c>.</summary>
        public static readonly IComparer<Entry> ByClaim = Comparer<Entry>.Create((a, b) =>
            a.At != b.At ? a.At.CompareTo(b.At) : a.Token.AsSpan().SequenceCompareTo(b.Token));

        public byte[] Token { get; } = device.Token.ToArray();
        public int Shard { get; } = shard;
        public long At { get; } = DeviceLimits.Milliseconds(device.At);
        public string UserId { get; } = device.UserId ?? "";
        public string DeviceId { get; } = device.DeviceId ?? "";
        public string[]? Audiences { get; } = device.Audiences is null ? null : [.. DeviceLimits.Stored(device.Audiences)];
        public RegistrationResult Result { get; set; }
        public DeviceValue? Replaced { get; private set; }
        public byte[] HeldBy { get; set; } = [];

        public void Hear(RedisValue answer)
        {
            if (answer.IsInteger)
            {
                Result = (RegistrationResult)(int)answer;
            }
            else
            {
                Result = RegistrationResult.Renewed;
                Replaced = DeviceValue.Read((byte[])answer!);
            }
        }
    }
}
