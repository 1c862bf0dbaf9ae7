using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>How long after its end a notification's id is known, so that a repeated request is not sent again. Then the id is new.</summary>
internal sealed class DedupeWindowOptions
{
    /// <summary>Of sends that fit one batch, which may come by the thousand a second. 1 min–30 d, default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan ShortWay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Of all others. 1 min–30 d, default 7 d.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Planned { get; init; } = TimeSpan.FromDays(7);
}
