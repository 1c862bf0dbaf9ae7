using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>What stays of an ended notification so that each device's outcome can be explained.</summary>
internal sealed class ReceiptsOptions
{
    /// <summary>How long after the end; five bytes a device. 1 min–30 d, default 3 d.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(3);
}
