using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushFanout.Chaos.Oracle;

/// <summary>A run in figures; the JSON of <c>--json</c>.</summary>
internal sealed record ChaosReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, DictionaryKeyPolicy = null };

    public required int Seed { get; init; }
    public required int Tokens { get; init; }
    public required int Kills { get; init; }
    public required IReadOnlyDictionary<string, int> KillsByStage { get; init; }
    public long Lost { get; init; }
    public long Duplicates { get; init; }
    public long Ambiguous { get; init; }
    public long Undeliverable { get; init; }
    public long Expired { get; init; }

    /// <summary>Most that one kill can have made twice: pushes in flight, and acceptances that the killed worker had heard and not settled.</summary>
    public long InFlightWindow { get; init; }

    /// <summary>Longest time from the end of a fault to the next accepted push.</summary>
    public double RecoverySeconds { get; init; }
    public bool Balanced { get; init; }
    public bool Exact { get; init; }
    public bool Passed => Broken.Count == 0;

    /// <summary>Each broken promise in one sentence.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Broken { get; init; } = [];

    [JsonIgnore]
    public TimeSpan Took { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static string ToJson(IReadOnlyDictionary<string, ChaosReport> byFault) => JsonSerializer.Serialize(byFault, Json);
}
