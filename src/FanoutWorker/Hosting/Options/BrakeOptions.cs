using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>When so many tokens look dead that the fault is probably ours: removals stop, sends of the app pause.</summary>
internal sealed class BrakeOptions
{
    [Setting("Share of unregistered and suspect answers above which the brake of an app opens.")]
    [Range(0.001, 1.0)]
    public double Share { get; init; } = 0.10;

    [Setting("Unregistered and suspect answers below which it never opens.")]
    [Range(1, 1_000_000)]
    public int MinimumAnswers { get; init; } = 500;

    [Setting("Over which time answers are counted; so long a suspected token is held at least.")]
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    [Setting("Most removals of one app in a minute, over all workers; a report of up to 500 tokens is not divided.")]
    [Range(1, 10_000_000)]
    public int MaxRemovalsPerMinute { get; init; } = 10_000;
}
