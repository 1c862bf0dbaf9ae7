using System.Globalization;
using PushFanout.TokenCache.Redis;
using StackExchange.Redis;

namespace PushFanout.Worker.Brakes;

/// <summary>The books that all workers share: one Lua script per call, so that many workers at once never grant too much.</summary>
internal sealed class RedisBrakeBooks(RedisConnection redis, BrakeRules rules) : IBrakeBooks
{
    private const string QuarantinePrefix = "q:";

    private readonly BrakeScripts _scripts = new(rules);

    public async Task<AppCondition> ReportAsync(string app, string approach, AppReport report, CancellationToken cancellationToken)
    {
        var heard = report.Answers;
        var answer = (RedisResult[])(await redis.EvaluateAsync(
            _scripts.Report,
            [Brake(app), Key(app, "answers"), Key(app, $"good:{approach}"), Key(app, "outstanding")],
            [
                report.Worker, heard.Accepted, heard.Unregistered, heard.Suspect, heard.Rejected, heard.CredentialRefused,
                report.Outstanding, report.Wanted, report.SeenOpenAt?.ToUnixTimeMilliseconds() ?? 0,
            ],
            cancellationToken))!;
        return new AppCondition(
            (int)answer[0] == 1, (int)answer[1] == 1, Time((long)answer[2]), Time((long)answer[3]), (int)answer[4] == 1, (int)answer[5],
            DateTimeOffset.FromUnixTimeMilliseconds((long)answer[6]));
    }

    public async Task<BrakeStatus> ReadAsync(string app, CancellationToken cancellationToken)
    {
        var fields = await redis.ExecuteAsync("HGETALL", database => database.HashGetAllAsync(Brake(app)), cancellationToken);
        return Status(fields.Select(field => ((string)field.Name!, (string)field.Value!)));
    }

    public async Task<BrakeStatus> DecideAsync(string app, BrakeDecision decision, DateTimeOffset? saidAt, CancellationToken cancellationToken)
    {
        var word = decision switch
        {
            BrakeDecision.Resume => "resume",
            BrakeDecision.Release => "release",
            BrakeDecision.Discard => "discard",
            _ => throw new ArgumentOutOfRangeException(nameof(decision), decision, "Not a decision."),
        };
        var answer = (string[])(await redis.EvaluateAsync(
            _scripts.Decide, [Brake(app), Key(app, "answers")], [word, saidAt?.ToUnixTimeMilliseconds() ?? 0], cancellationToken))!;
        return Status(answer.Chunk(2).Select(pair => (pair[0], pair[1])));
    }

    public async Task<bool> TakeRemovalsAsync(string app, int tokens, CancellationToken cancellationToken) =>
        (int)await redis.EvaluateAsync(_scripts.Removals, [Key(app, "removals")], [tokens], cancellationToken) == 1;

    public Task CountQuarantinedAsync(string app, string reason, int tokens, CancellationToken cancellationToken) =>
        redis.EvaluateAsync(_scripts.Quarantine, [Brake(app)], [reason, tokens], cancellationToken);

    private static BrakeStatus Status(IEnumerable<(string Name, string Value)> fields)
    {
        var known = fields.ToDictionary(field => field.Name, field => field.Value);
        return new BrakeStatus(
            known.GetValueOrDefault("open") == "1", Time(Number("openedAt")), Number("unregistered"), Number("suspect"), Number("answers"),
            Time(Number("releasedAt")), Time(Number("discardedAt")), Time(Number("restsUntil")),
            known.Where(field => field.Key.StartsWith(QuarantinePrefix, StringComparison.Ordinal))
                .ToDictionary(field => field.Key[QuarantinePrefix.Length..], field => long.Parse(field.Value, CultureInfo.InvariantCulture)));

        long Number(string name) => known.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
    }

    private RedisKey Brake(string app) => Key(app, "brake");

    private RedisKey Key(string app, string name) => $"{redis.KeyPrefix}:{{{app}}}:{name}";

    private static DateTimeOffset? Time(long milliseconds) => milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
