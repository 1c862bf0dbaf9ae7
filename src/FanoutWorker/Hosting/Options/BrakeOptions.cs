using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>When so many tokens look dead that the fault is probably ours: removals stop, sends of the app pause.</summary>
internal sealed class BrakeOptions
{
    /// <summary>Share of unregistered and suspect answers above which the brake opens. 0.001–1, default 0.10.</summary>
    [Range(0.001, 1.0)]
    public double Share { get; init; } = 0.10;

    /// <summary>Unregistered and suspect answers below which it never opens. 1–1,000,000, default 500.</summary>
    [Range(1, 1_000_000)]
    public int MinimumAnswers { get; init; } = 500;

    /// <summary>Over which time answers are counted. 1 s–1 h, default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most removals of one app, over all workers. 1–10,000,000, default 10,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxRemovalsPerMinute { get; init; } = 10_000;
}
