using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>How batches are sent.</summary>
internal sealed class DispatchOptions
{
    [Setting("Attempts at one token that APNs answered with \"later\".")]
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 12;

    [Setting("So many outcomes of a batch are written without waiting for the interval: the most that a killed worker forgets.")]
    [Range(1, 10_000)]
    public int CheckpointEvery { get; init; } = 200;

    [Setting("Longest time that an outcome waits to be written.")]
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:05")]
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    [Setting("Batches in flight per lane and worker; lanes do not borrow from each other.")]
    public SlotOptions Slots { get; init; } = new();
}

/// <summary>Batches in flight per lane and worker.</summary>
internal sealed class SlotOptions
{
    [Setting("Of sends that fit one batch.")]
    [Range(1, 256)]
    public int Short { get; init; } = 16;

    [Setting("Of the lane `urgent`.")]
    [Range(1, 256)]
    public int Urgent { get; init; } = 8;

    [Setting("Of the lane `normal`.")]
    [Range(1, 256)]
    public int Normal { get; init; } = 16;

    [Setting("Of the lane `bulk`.")]
    [Range(1, 256)]
    public int Bulk { get; init; } = 16;
}
