using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Intake;

/// <summary>How a request's audience is going to be read.</summary>
/// <param name="ShortWay">All its tokens, when they fit one batch; null when ranges are needed.</param>
/// <param name="RangeEnds">See <see cref="NewNotification.RangeEnds"/>.</param>
/// <param name="Malformed">Entries of the token list that are no tokens.</param>
/// <param name="UsersWithoutDevices">Users of the request that have no device.</param>
/// <param name="Tokens">How many tokens, exactly or about.</param>
/// <param name="TokensAtMost">Whether <paramref name="Tokens"/> is exact or an upper bound.</param>
internal sealed record AudiencePlan(
    RangeContent? ShortWay, IReadOnlyList<int> RangeEnds, int Malformed, int UsersWithoutDevices, long Tokens, bool TokensAtMost)
{
    public override string ToString() => $"{RangeEnds.Count} ranges, about {Tokens} tokens";
}

/// <summary>
/// Decides between the short way (read everything now, one batch) and ranges of about <see cref="ExpansionOptions.RangeTokens"/>
/// tokens, without reading a large audience.
/// </summary>
internal sealed class AudiencePlanner(ITokenCache cache, PushFanoutOptions options)
{
    /// <summary>An audience spread over at most so many shards is simply read, to see whether it fits one batch.</summary>
    private const int FewShards = 64;

    /// <summary>User look-ups on their way to Redis at a time.</summary>
    private const int UsersInFlight = 32;

    public async Task<AudiencePlan> PlanAsync(ServedApp app, Audience audience, CancellationToken cancellationToken)
    {
        var (expression, malformed) = Audiences.Of(audience);
        if (Audiences.IsNobody(audience, expression))
        {
            return Short(PackedTokens.Empty, malformed, 0);
        }
        var (userTokens, usersWithoutDevices) = await ReadUsersAsync(app, expression, cancellationToken);
        if (!expression.ReadsAudiences && expression.AllOf.Count == 0 && expression.NoneOf.Count == 0
            && userTokens.Count <= options.Expansion.BatchTokens)
        {
            return Short(userTokens, malformed, usersWithoutDevices);
        }
        var estimate = await cache.EstimateAsync(app.Name, expression, cancellationToken);
        if (estimate.Shards <= FewShards || estimate.Tokens <= options.Expansion.BatchTokens)
        {
            var tokens = await cache.ReadAsync(app.Name, expression, 0, app.Options.Shards, cancellationToken);
            if (tokens.Count <= options.Expansion.BatchTokens && tokens.Bytes.Length <= BatchCutter.MaxTokenBytes)
            {
                return Short(tokens, malformed, usersWithoutDevices);
            }
            estimate = new AudienceEstimate(tokens.Count, estimate.Shards, Exact: true);
        }
        return new AudiencePlan(null, RangeEnds(app.Options.Shards, estimate.Tokens), malformed, usersWithoutDevices, estimate.Tokens, estimate.Exact);
    }

    /// <summary>Cuts the shards into contiguous ranges of about the configured number of tokens each.</summary>
    private int[] RangeEnds(int shards, long tokens)
    {
        var ranges = (int)Math.Clamp((tokens + options.Expansion.RangeTokens - 1) / options.Expansion.RangeTokens, 1, shards);
        return RangePlan.EndsOf(shards, ranges);
    }

    private static AudiencePlan Short(PackedTokens tokens, int malformed, int usersWithoutDevices) =>
        new(RangeContent.Of(tokens), [1], malformed, usersWithoutDevices, tokens.Count, true);

    /// <summary>The tokens of the request's users and its own tokens, none twice, and how many users have no device.</summary>
    private async Task<(PackedTokens Tokens, int UsersWithoutDevices)> ReadUsersAsync(ServedApp app, AudienceExpression expression, CancellationToken cancellationToken)
    {
        var found = new IReadOnlyList<DeviceRecord>[expression.Users.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, found.Length), new ParallelOptions { MaxDegreeOfParallelism = UsersInFlight, CancellationToken = cancellationToken },
            async (i, token) => found[i] = await cache.FindDevicesAsync(app.Name, DeviceSelector.ByUser(expression.Users[i]), token));
        var writer = new PackedTokenWriter(expression.Users.Count + expression.Tokens.Count);
        var seen = new HashSet<ReadOnlyMemory<byte>>(TokenBytesComparer.Instance);
        foreach (var token in found.SelectMany(devices => devices).Select(device => device.Token).Concat(expression.Tokens).Where(seen.Add))
        {
            writer.Add(token.Span);
        }
        return (writer.Written, found.Count(devices => devices.Count == 0));
    }
}
