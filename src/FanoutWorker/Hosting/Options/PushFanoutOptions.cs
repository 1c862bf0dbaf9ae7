namespace PushFanout.Worker.Hosting;

/// <summary>
/// Everything that can be set, read once at start from the section <c>PushFanout</c> by <see cref="PushFanoutOptionsReader"/>.
/// Secrets are not in here, only the files that hold them.
/// </summary>
internal sealed class PushFanoutOptions
{
    public const string SectionName = "PushFanout";

    private static readonly RedisOptions DefaultRedis = new();

    [Setting("What this process does; a list, or one text with commas.", Unset = "all")]
    public Roles Roles { get; init; } = Roles.All;

    [Setting("In memory: one process with all roles, for trying things out.")]
    public Transport Transport { get; init; } = Transport.RabbitMq;

    [Setting("The broker. Unused with the transport `in-memory`.")]
    public RabbitMqOptions RabbitMq { get; init; } = new();

    /// <summary>Null, which keeps both in memory, only with the transport <c>in-memory</c> and when nothing is given.</summary>
    [Setting("Where devices and books are. With the transport `in-memory` and nothing of this given, both are in memory.")]
    public RedisOptions? Redis
    {
        get => field ?? (Transport == Transport.InMemory ? null : DefaultRedis);
        init;
    }

    [Setting("The keys and certificates that APNs knows us by. Each has a name that apps refer to: `Credentials:main:Kind`.")]
    public Dictionary<string, CredentialOptions> Credentials { get; init; } = [];

    [Setting("The apps by name: `Apps:shop-ios:Topic`. An app is one bundle in one of Apple's environments. At least one is needed, unless `AppsDirectory` is given.")]
    public Dictionary<string, AppOptions> Apps { get; init; } = [];

    [Setting("A folder with one JSON file per app, named for the app, each holding what a child of `Apps` would. Watched: apps come, change and go without a restart; a file with a fault is refused, and its app stays as it was.")]
    public string? AppsDirectory { get; init; }

    /// <summary>Those of <see cref="Apps"/> that were read from <see cref="AppsDirectory"/> at start.</summary>
    public HashSet<string> AppsFromFiles { get; } = [];

    [Setting("How an audience is cut into messages.")]
    public ExpansionOptions Expansion { get; init; } = new();

    [Setting("How batches are sent.")]
    public DispatchOptions Dispatch { get; init; } = new();

    [Setting("Where APNs is and how hard one worker may push it.")]
    public ApnsOptions Apns { get; init; } = new();

    [Setting("When so many tokens look dead that the fault is probably ours: removals stop, sends of the app pause.")]
    public BrakeOptions Brake { get; init; } = new();

    [Setting("What stays of an ended notification, so that each device's outcome can be explained.")]
    public ReceiptsOptions Receipts { get; init; } = new();

    [Setting("How long after its end the id of a notification is known, so that a repeated request is not sent again. Then the id is new.")]
    public DedupeWindowOptions DedupeWindow { get; init; } = new();

    [Setting("The HTTP API, health and metrics. Used with the role `http`.")]
    public HttpOptions Http { get; init; } = new();

    [Setting("Allows RabbitMQ and Redis beyond this machine without TLS or password.")]
    public bool AllowInsecure { get; init; }
}
