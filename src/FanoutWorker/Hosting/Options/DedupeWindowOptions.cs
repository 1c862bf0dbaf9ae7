using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>How long after its end a notification's id is known, so that a repeated request is not sent again. Then the id is new.</summary>
internal sealed class DedupeWindowOptions
{
    [Setting("Of sends that fit one batch, which may come by the thousand a second.")]
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan ShortWay { get; init; } = TimeSpan.FromHours(1);

    [Setting("Of all others.")]
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Planned { get; init; } = TimeSpan.FromDays(7);
}
