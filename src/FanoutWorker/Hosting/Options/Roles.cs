namespace PushFanout.Worker.Hosting;

/// <summary>What this process does. A small installation runs one process with all of them; a large one scales them apart.</summary>
[Flags]
internal enum Roles
{
    None = 0,
    /// <summary>Takes requests, control messages and device messages.</summary>
    Intake = 1,
    /// <summary>Turns audiences into batches.</summary>
    Expansion = 2,
    /// <summary>Sends batches to APNs.</summary>
    Dispatch = 4,
    /// <summary>Removes dead tokens.</summary>
    Feedback = 8,
    /// <summary>Serves the HTTP API, health and metrics.</summary>
    Http = 16,
    All = Intake | Expansion | Dispatch | Feedback | Http,
}
