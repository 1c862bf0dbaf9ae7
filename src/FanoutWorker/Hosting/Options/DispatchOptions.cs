using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>How batches are sent.</summary>
internal sealed class DispatchOptions
{
    /// <summary>Attempts at one token that APNs answered with "later". 1–100, default 12.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 12;

    /// <summary>Outcomes after which they are written to the ledger: the most that a killed worker forgets. 1–10,000, default 200.</summary>
    [Range(1, 10_000)]
    public int CheckpointEvery { get; init; } = 200;

    /// <summary>Longest time that an outcome waits to be written to the ledger. 1 ms–5 s, default 20 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:05")]
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Batches in flight per lane and worker.</summary>
    public SlotOptions Slots { get; init; } = new();
}

/// <summary>Batches in flight per lane and worker; lanes do not borrow from each other. 1–256 each.</summary>
internal sealed class SlotOptions
{
    /// <summary>Default 16.</summary>
    [Range(1, 256)]
    public int Short { get; init; } = 16;

    /// <summary>Default 8.</summary>
    [Range(1, 256)]
    public int Urgent { get; init; } = 8;

    /// <summary>Default 16.</summary>
    [Range(1, 256)]
    public int Normal { get; init; } = 16;

    /// <summary>Default 16.</summary>
    [Range(1, 256)]
    public int Bulk { get; init; } = 16;
}
