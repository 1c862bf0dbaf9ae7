namespace PushFanout.Chaos.Oracle;

/// <summary>What the oracle found.</summary>
internal sealed record Judgement
{
    public long Lost { get; init; }
    public long Duplicates { get; init; }
    public long Ambiguous { get; init; }
    public long Undeliverable { get; init; }
    public long Expired { get; init; }
    public bool Balanced { get; init; }
    public bool Exact { get; init; }

    /// <summary>Each broken promise in one sentence; empty when all were kept.</summary>
    public IReadOnlyList<string> Broken { get; init; } = [];
}
