namespace PushFanout.Worker.Hosting;

/// <summary>
/// Everything that can be set, read once at start from the section <c>PushFanout</c> by <see cref="PushFanoutOptionsReader"/>.
/// Secrets are not in here, only the files that hold them.
/// </summary>
internal sealed class PushFanoutOptions
{
    public const string SectionName = "PushFanout";

    private static readonly RedisOptions DefaultRedis = new();

    /// <summary>What this process does: a list, or one text with commas. Default: everything.</summary>
    public Roles Roles { get; init; } = Roles.All;

    /// <summary><c>rabbitmq</c> or <c>in-memory</c>. Default rabbitmq.</summary>
    public Transport Transport { get; init; } = Transport.RabbitMq;

    /// <summary>Unused with the transport <c>in-memory</c>.</summary>
    public RabbitMqOptions RabbitMq { get; init; } = new();

    /// <summary>
    /// Where token sets and ledger are. Null, which keeps both in memory, only with the transport <c>in-memory</c> and when nothing is given.
    /// </summary>
    public RedisOptions? Redis
    {
        get => field ?? (Transport == Transport.InMemory ? null : DefaultRedis);
        init;
    }

    /// <summary>The keys and certificates that APNs knows us by, by a name that apps refer to.</summary>
    public Dictionary<string, CredentialOptions> Credentials { get; init; } = [];

    /// <summary>The apps by name. At least one, unless <see cref="AppsDirectory"/> is given.</summary>
    public Dictionary<string, AppOptions> Apps { get; init; } = [];

    /// <summary>A folder with one JSON file per app, named for the app, each holding what a child of <see cref="Apps"/> would. Default none.</summary>
    public string? AppsDirectory { get; init; }

    public ExpansionOptions Expansion { get; init; } = new();

    public DispatchOptions Dispatch { get; init; } = new();

    public ApnsOptions Apns { get; init; } = new();

    public BrakeOptions Brake { get; init; } = new();

    public ReceiptsOptions Receipts { get; init; } = new();

    public DedupeWindowOptions DedupeWindow { get; init; } = new();

    public HttpOptions Http { get; init; } = new();

    /// <summary>Allows AMQP and Redis beyond this machine without TLS or without a password. Default false.</summary>
    public bool AllowInsecure { get; init; }
}
