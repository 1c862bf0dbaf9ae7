using System.Collections.Concurrent;
using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>A token to remove, and whose it must be for that.</summary>
/// <param name="Token">The token's bytes.</param>
/// <param name="At">Removed unless registered later, in milliseconds.</param>
/// <param name="UserId">The user the record must name, or null for whichever.</param>
/// <param name="DeviceId">The device id the record must name, or null for whichever.</param>
internal readonly record struct Removal(ReadOnlyMemory<byte> Token, long At, string? UserId = null, string? DeviceId = null)
{
    public override string ToString() => "removal";
}

/// <summary>Takes devices out: the record and its audiences in one script, then what points to the record.</summary>
internal sealed class DeviceRemover(RedisConnection connection, AppKeys keys)
{
    /// <summary>Removes what was not said to be registered later.</summary>
    public Task<IReadOnlyList<(Removal Removal, DeviceValue Record)>> RemoveAsync(IEnumerable<Removal> removals, CancellationToken cancellationToken) =>
        RemoveAsync("at", removals, cancellationToken);

    /// <summary>Removes what was not registered later, where a registration counts from its arrival on.</summary>
    public Task<IReadOnlyList<(Removal Removal, DeviceValue Record)>> RetireAsync(IEnumerable<Removal> removals, CancellationToken cancellationToken) =>
        RemoveAsync("registered", removals, cancellationToken);

    /// <summary>Removes every device of a user, or the one with a device id (the other is null), and what of them registers late.</summary>
    /// <returns>How many devices were removed.</returns>
    public async Task<int> RemoveOwnedAsync(string? userId, string? deviceId, long at, CancellationToken cancellationToken)
    {
        var owner = (userId ?? deviceId)!;
        var shard = keys.ShardOf(owner);
        var known = (RedisValue[]?)await connection.EvaluateAsync(TokenScripts.BuryOwner, [keys.GoneOwners(shard), keys.Ids(shard)],
            [userId is null ? "d" : "u", owner, at], cancellationToken).ConfigureAwait(false);
        return (await RemoveAsync(known!.Select(token => new Removal((byte[])token!, at, userId, deviceId)), cancellationToken).ConfigureAwait(false)).Count;
    }

    /// <summary>Drops the pointers to a record that no longer has these owners. They are hints: one that stays is ignored.</summary>
    public Task ForgetAsync(ReadOnlyMemory<byte> token, long at, string? userId, string? deviceId, CancellationToken cancellationToken) =>
        Task.WhenAll(
            userId is null ? Task.CompletedTask : ForgetUserAsync(token, userId, cancellationToken),
            deviceId is null ? Task.CompletedTask : ForgetDeviceIdAsync(token, at, deviceId, cancellationToken));

    private async Task<IReadOnlyList<(Removal Removal, DeviceValue Record)>> RemoveAsync(
        string moment, IEnumerable<Removal> removals, CancellationToken cancellationToken)
    {
        var removed = new ConcurrentBag<(Removal Removal, DeviceValue Record)>();
        await Pipelined.ForEachAsync(Pipelined.ByShard(removals, removal => keys.ShardOf(removal.Token.Span)), async (call, stop) =>
        {
            RedisValue[] values =
            [
                moment,
                .. call.Items.SelectMany(removal => new RedisValue[]
                {
                    removal.Token.ToArray(), removal.At, removal.UserId ?? "", removal.DeviceId ?? "",
                }),
            ];
            var answers = (RedisValue[]?)await connection.EvaluateAsync(
                TokenScripts.Remove, [keys.Devices(call.Shard), keys.Gone(call.Shard)], values, stop).ConfigureAwait(false);
            foreach (var (removal, answer) in call.Items.Zip(answers!))
            {
                if (!answer.IsNull)
                {
                    removed.Add((removal, DeviceValue.Read((byte[])answer!)));
                }
            }
        }, cancellationToken).ConfigureAwait(false);
        await Pipelined.ForEachAsync(removed, (device, stop) =>
            ForgetAsync(device.Removal.Token, device.Removal.At, device.Record.UserId, device.Record.DeviceId, stop), cancellationToken).ConfigureAwait(false);
        return [.. removed];
    }

    private Task ForgetDeviceIdAsync(ReadOnlyMemory<byte> token, long at, string deviceId, CancellationToken cancellationToken)
    {
        var shard = keys.ShardOf(deviceId);
        return connection.EvaluateAsync(
            TokenScripts.ForgetId, [keys.Ids(shard), keys.GoneOwners(shard)], [deviceId, token.ToArray(), at], cancellationToken);
    }

    /// <summary>
    /// Takes the token from the user's hint. A registration that gives it back to the user writes the record first and the
    /// hint last, so looking at the record afterwards shows whether the hint was still needed.
    /// </summary>
    private async Task ForgetUserAsync(ReadOnlyMemory<byte> token, string userId, CancellationToken cancellationToken)
    {
        RedisValue member = token.ToArray();
        await connection.ExecuteAsync("SREM", database => database.SetRemoveAsync(keys.User(userId), member), cancellationToken).ConfigureAwait(false);
        byte[]? record = await connection.ExecuteAsync(
            "HGET", database => database.HashGetAsync(keys.Devices(keys.ShardOf(token.Span)), member), cancellationToken).ConfigureAwait(false);
        if (record is not null && DeviceValue.Read(record).UserId == userId)
        {
            await connection.ExecuteAsync("SADD", database => database.SetAddAsync(keys.User(userId), member), cancellationToken).ConfigureAwait(false);
        }
    }
}
