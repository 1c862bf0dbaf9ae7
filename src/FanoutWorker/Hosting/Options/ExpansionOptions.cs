using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>How an audience is cut into messages.</summary>
internal sealed class ExpansionOptions
{
    [Setting("Most tokens in one batch.")]
    [Range(1, 500)]
    public int BatchTokens { get; init; } = 500;

    [Setting("Tokens that a range aims at; at least `BatchTokens`.")]
    [Range(1, 1_000_000)]
    public int RangeTokens { get; init; } = 20_000;

    [Setting("Ranges of one notification in the broker at a time.")]
    [Range(1, 1000)]
    public int WindowRanges { get; init; } = 8;
}
