using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>What stays of an ended notification so that each device's outcome can be explained.</summary>
internal sealed class ReceiptsOptions
{
    [Setting("How long after its end the outcome of each device can be explained; five bytes a device.")]
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(3);
}
