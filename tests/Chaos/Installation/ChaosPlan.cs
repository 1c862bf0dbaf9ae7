using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Worker;

namespace PushFanout.Chaos.Installation;

/// <summary>How a run is set up; the faults are somebody else's.</summary>
internal sealed record ChaosPlan
{
    public required int Seed { get; init; }

    public required int Tokens { get; init; }

    /// <summary>Notifications that the devices are dealt to.</summary>
    public int Groups { get; init; } = 2;

    public int Workers { get; init; } = 2;

    /// <summary>Limit of the app over all workers; null for none. A fault needs a send that lasts.</summary>
    public int? PushesPerSecond { get; init; }

    /// <summary>Time from a push to its answer.</summary>
    public int LatencyMilliseconds { get; init; } = 20;

    public DeviceMix Mix { get; init; }

    /// <summary>Whether workers reach RabbitMQ and Redis through proxies that can break.</summary>
    public bool Proxied { get; init; }

    /// <summary>Whether the simulator treats connections as Apple does: one stream at first and after each rejection, and no bad manners.</summary>
    public bool StrictApns { get; init; }

    public BrokenGuard Broken { get; init; }

    /// <summary>How long nothing may move before the run is given up as lost.</summary>
    public TimeSpan StandstillPatience { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Settings below <c>PushFanout</c> besides the usual ones.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Pushes that one worker has in flight at most: its connections times their streams.</summary>
    public const int ConnectionsPerWorker = 2;
    public const int StreamsPerConnection = 100;
    public static int InFlightPerWorker => ConnectionsPerWorker * StreamsPerConnection;
}
