using System.Globalization;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;

namespace PushFanout.Cli.Doctor;

/// <summary>Redis: whether it answers, what it is, whether it keeps what it is given, its clock, and the shards of each app.</summary>
/// <param name="shards">Apps with the number of shards that their settings have.</param>
internal sealed class RedisExamination(RedisConnectionOptions options, IReadOnlyDictionary<string, int> shards, TimeProvider clock)
{
    private const string Subject = "Redis";
    private const double FullFromShare = 0.9;
    private static readonly Version OldestVersion = new(6, 2);
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(5);
    private static readonly string[] WriteStates = ["aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status"];
    private static readonly string[] LoginRefusals = ["NOAUTH", "WRONGPASS", "invalid password", "NOPERM"];

    public async Task RunAsync(Examination examination, CancellationToken stop)
    {
        await using var connection = new RedisConnection(options);
        try
        {
            var servers = await connection.ReadServersAsync(stop);
            foreach (var server in servers)
            {
                Examine(server, examination);
            }
            if (servers.Count > 0 && servers.All(server => server.Info.GetValueOrDefault("role") == "slave"))
            {
                examination.Find(FindingKinds.RedisReadOnly, Subject, string.Join(", ", servers));
            }
            await ExamineClockAsync(connection, examination, stop);
            await ExamineShardsAsync(connection, examination, stop);
        }
        catch (TokenCacheUnavailableException away)
        {
            var refused = LoginRefusals.Any(word => away.Message.Contains(word, StringComparison.Ordinal));
            examination.Find(refused ? FindingKinds.RedisLoginRefused : FindingKinds.RedisUnreachable, Subject, away.Message);
        }
    }

    /// <summary>Judges what a server says about itself.</summary>
    public static void Examine(RedisServerFacts server, Examination examination)
    {
        var subject = $"{Subject} {server.Endpoint}";
        var version = server.Info.GetValueOrDefault("redis_version") ?? "of unknown version";
        var findings = examination.Findings.Count;
        if (Version.TryParse(version, out var number) && number < OldestVersion)
        {
            examination.Find(FindingKinds.RedisTooOld, subject, $"It is {version}.");
        }
        if (server.Info.GetValueOrDefault("maxmemory_policy") is { } policy and not "noeviction")
        {
            examination.Find(FindingKinds.RedisEvicts, subject, $"maxmemory-policy is {policy}.");
        }
        if (server.Info.GetValueOrDefault("aof_enabled") == "0")
        {
            examination.Find(FindingKinds.RedisNotPersistent, subject, "appendonly is no.");
        }
        if (string.Join(", ", WriteStates.Where(name => server.Info.GetValueOrDefault(name) == "err")) is { Length: > 0 } failing)
        {
            examination.Find(FindingKinds.RedisWritesFail, subject, $"{failing}: err.");
        }
        var (used, most) = (Bytes(server, "used_memory"), Bytes(server, "maxmemory"));
        if (most > 0 && used > most * FullFromShare)
        {
            examination.Find(FindingKinds.RedisMemoryLow, subject, string.Create(CultureInfo.InvariantCulture, $"{used:N0} of {most:N0} bytes are in use."));
        }
        if (examination.Findings.Count == findings)
        {
            examination.Fine(subject, string.Create(CultureInfo.InvariantCulture, $"{version}, evicts nothing, keeps what it is given, {used:N0} bytes in use"));
        }
    }

    private async Task ExamineClockAsync(RedisConnection connection, Examination examination, CancellationToken stop)
    {
        var asked = clock.GetUtcNow();
        var theirs = await connection.ReadTimeAsync(stop);
        var answered = clock.GetUtcNow();
        var skew = theirs < asked ? asked - theirs : theirs > answered ? theirs - answered : TimeSpan.Zero;
        if (skew > MostSkew)
        {
            examination.Find(FindingKinds.ClockSkew, "clock", $"This machine is {Screen.Seconds(skew)} {(theirs < asked ? "ahead of" : "behind")} Redis.");
        }
        else
        {
            examination.Fine("clock", "agrees with that of Redis");
        }
    }

    private async Task ExamineShardsAsync(RedisConnection connection, Examination examination, CancellationToken stop)
    {
        var cache = new RedisTokenCache(connection);
        foreach (var (app, wanted) in shards)
        {
            if (await cache.FindShardsAsync(app, stop) is { } stored && stored != wanted)
            {
                examination.Find(FindingKinds.ShardsDiffer, $"app {app}", $"Redis has {stored}, the settings {wanted}.");
            }
        }
    }

    private static long Bytes(RedisServerFacts server, string name) => long.TryParse(server.Info.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
}
