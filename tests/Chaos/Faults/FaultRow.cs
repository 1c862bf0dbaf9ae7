using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Oracle;
using PushFanout.Chaos.Running;
using PushFanout.Chaos.Worker;

namespace PushFanout.Chaos.Faults;

/// <summary>One row of the table in docs/reliability.md: what breaks in the middle of a send, and what it may cost.</summary>
/// <param name="Name">As <c>--fault</c> takes it.</param>
/// <param name="Text">What happens, in a few words.</param>
internal sealed record FaultRow(string Name, string Text)
{
    /// <summary>Breaks something in the middle of a send, waits, and mends it.</summary>
    public Func<ChaosRun, Task>? Inject { get; init; }

    /// <summary>Instead of <see cref="Inject"/>: starts the workers, sends, breaks and mends, for what has to break before.</summary>
    public Func<ChaosRun, Task>? Whole { get; init; }

    /// <summary>Instead of both: where workers die.</summary>
    public IReadOnlyList<KillStage> Kills { get; init; } = [];

    /// <summary>How this run is set up otherwise than usual.</summary>
    public Func<ChaosPlan, ChaosPlan> Shape { get; init; } = plan => plan;

    /// <summary>What it may cost.</summary>
    public Allowance Allowed { get; init; } = new();
}
