using PushFanout.TokenCache.Redis;

namespace PushFanout.Worker.Ledger;

/// <summary>The Lua scripts, each put together from what it shares with others, its limits before it.</summary>
internal sealed class LedgerScripts(LedgerLimits limits)
{
    public RedisScript Create { get; } = Load(limits, "stored", "create");

    public RedisScript Snap { get; } = Load(limits, "release", "outcomes", "snap");

    public RedisScript Expanded { get; } = Load(limits, "release", "expanded");

    public RedisScript Claim { get; } = Load(limits, "release", "outcomes", "claims", "claim");

    public RedisScript Settle { get; } = Load(limits, "release", "outcomes", "claims", "settle");

    public RedisScript Advance { get; } = Load(limits, "claims", "advance");

    public RedisScript HandBack { get; } = Load(limits, "claims", "handback");

    public RedisScript Finish { get; } = Load(limits, "finish");

    public RedisScript Close { get; } = Load(limits, "close");

    public RedisScript Control { get; } = Load(limits, "control");

    public RedisScript Read { get; } = Load(limits, "stored", "read");

    public RedisScript Ticked { get; } = Load(limits, "ticked");

    public RedisScript Receipts { get; } = Load(limits, "claims", "receipts");

    private static RedisScript Load(LedgerLimits limits, params string[] parts) =>
        new($"ledger {parts[^1]}", string.Join('\n', [Header(limits), ReadResource("common"), .. parts.Select(ReadResource)]));

    private static string Header(LedgerLimits limits) => $$"""
        local LIMITS = {
          idle_claims = {{limits.IdleClaims}},
          offer_again_ms = {{Milliseconds(limits.OfferAgainAfter)}},
          remember_control_ms = {{Milliseconds(limits.RememberControl)}},
          safety_ttl_ms = {{Milliseconds(limits.SafetyTtl)}},
          renew_below_ms = {{Milliseconds(limits.SafetyTtl - TimeSpan.FromDays(1))}},
        }
        """;

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;

    private static string ReadResource(string name)
    {
        var resource = $"PushFanout.Worker.Ledger.{name}.lua";
        using var reader = new StreamReader(typeof(LedgerScripts).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The assembly lacks the script {resource}."));
        return reader.ReadToEnd();
    }
}
