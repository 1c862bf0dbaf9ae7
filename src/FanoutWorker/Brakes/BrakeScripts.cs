using System.Globalization;
using PushFanout.TokenCache.Redis;

namespace PushFanout.Worker.Brakes;

/// <summary>The Lua scripts of the brake, each with the rules before it.</summary>
internal sealed class BrakeScripts(BrakeRules rules)
{
    public RedisScript Report { get; } = Load(rules, "report");

    public RedisScript Decide { get; } = Load(rules, "decide");

    public RedisScript Removals { get; } = Load(rules, "removals");

    public RedisScript Quarantine { get; } = Load(rules, "quarantine");

    private static RedisScript Load(BrakeRules rules, string name) =>
        new($"brake {name}", string.Join('\n', Header(rules), ReadResource("brake"), ReadResource(name)));

    private static string Header(BrakeRules rules) => string.Create(CultureInfo.InvariantCulture, $$"""
        local RULES = {
          share = {{rules.Share:R}},
          minimum = {{rules.MinimumAnswers}},
          buckets = {{BrakeRules.Buckets}},
          bucket_ms = {{Milliseconds(rules.Bucket)}},
          max_removals = {{rules.MaxRemovalsPerMinute}},
          probation = {{BrakeRules.ProbationPushes}},
          trusted_from = {{BrakeRules.TrustedFrom}},
          trial = {{BrakeRules.TrialPushes}},
          good_for_ms = {{Milliseconds(BrakeRules.GoodFor)}},
          first_rest_ms = {{Milliseconds(BrakeRules.FirstRest)}},
          longest_rest_ms = {{Milliseconds(BrakeRules.LongestRest)}},
          worker_gone_ms = {{Milliseconds(BrakeRules.WorkerGoneAfter)}},
          carry_on_ms = {{Milliseconds(BrakeRules.CarryOn)}},
          remembered_ms = {{Milliseconds(BrakeRules.Remembered)}},
        }
        """);

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;

    private static string ReadResource(string name)
    {
        using var reader = new StreamReader(typeof(BrakeScripts).Assembly.GetManifestResourceStream($"PushFanout.Worker.Brakes.{name}.lua")!);
        return reader.ReadToEnd();
    }
}
