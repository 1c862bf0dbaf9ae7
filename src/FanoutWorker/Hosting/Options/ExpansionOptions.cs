using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>How an audience is cut into messages.</summary>
internal sealed class ExpansionOptions
{
    /// <summary>Most tokens in one batch. 1–500, default 500.</summary>
    [Range(1, 500)]
    public int BatchTokens { get; init; } = 500;

    /// <summary>Tokens that a range aims at; at least <see cref="BatchTokens"/>. 1–1,000,000, default 20,000.</summary>
    [Range(1, 1_000_000)]
    public int RangeTokens { get; init; } = 20_000;

    /// <summary>Ranges of one notification in the broker at a time. 1–1,000, default 8.</summary>
    [Range(1, 1000)]
    public int WindowRanges { get; init; } = 8;
}
