using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;

namespace PushFanout.Chaos.Oracle;

/// <summary>The final state of a run, read from everybody but the workers.</summary>
internal sealed record Evidence
{
    public required DeviceBase Devices { get; init; }

    public required IReadOnlyList<ChaosSend> Sends { get; init; }

    /// <summary>What the service heard.</summary>
    public required IReadOnlyList<Completion> Heard { get; init; }

    /// <summary>What the simulator accepted, refused, and counted by collapse id.</summary>
    public required IReadOnlyList<AcceptedPush> Accepted { get; init; }
    public required IReadOnlyList<RefusedPush> Refused { get; init; }
    public required IReadOnlyDictionary<string, long> AcceptedByCollapseId { get; init; }
    public required SimulatorState Simulator { get; init; }

    /// <summary>Devices that the token cache still has, as hexadecimal text.</summary>
    public required IReadOnlySet<string> Registered { get; init; }

    /// <summary>Messages in the queue for what nobody could handle.</summary>
    public required uint Parked { get; init; }
}
