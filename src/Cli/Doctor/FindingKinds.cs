using PushFanout.Worker.Messaging;

namespace PushFanout.Cli.Doctor;

/// <summary>Every kind of finding. The list only grows.</summary>
internal static class FindingKinds
{
    public static readonly FindingKind SettingsInvalid = Fault(
        "settings_invalid", "A setting cannot work.", "Correct it as docs/settings.md says; 'pushfanout worker' exits with 78 until then.");

    public static readonly FindingKind CredentialUnreadable = Fault(
        "credential_unreadable", "A key, certificate or password file is not there, or this user cannot read it.",
        "Mount or copy the file, and give the user that runs the worker the right to read it.");

    public static readonly FindingKind CredentialExposed = Fault(
        "credential_exposed", "Every user of the machine can read a key, certificate or password file; workers refuse it.", "chmod o-r FILE, or defaultMode 0440 in Kubernetes.");

    public static readonly FindingKind CredentialUnusable = Fault(
        "credential_unusable", "A key or certificate file holds something else, is encrypted, or has expired.",
        "Use the .p8 file as Apple gave it, or a current .p12 file with its password.");

    public static readonly FindingKind CertificateExpiring = Warning(
        "certificate_expiring", "A client certificate expires within 30 days.", "Make a new one in the Apple developer account, and put it in the place of the old one.");

    public static readonly FindingKind RabbitMqUnreachable = Fault(
        "rabbitmq_unreachable", "No connection to RabbitMQ.", "See that it runs, and that host, port, TLS (amqps) and firewall fit.");

    public static readonly FindingKind RabbitMqLoginRefused = Fault(
        "rabbitmq_login_refused", "RabbitMQ refuses the user, the password or the virtual host.",
        "rabbitmqctl authenticate_user USER; rabbitmqctl list_permissions -p VHOST. The user guest logs in from the broker's own machine only.");

    public static readonly FindingKind RabbitMqTooOld = Fault(
        "rabbitmq_too_old", "RabbitMQ is older than 3.10, whose quorum queues dead-letter at least once: a retry could be lost.", "Upgrade RabbitMQ to 3.10 or later.");

    public static readonly FindingKind TopologyMissing = Warning(
        "topology_missing", "Exchanges or queues are not there: what services publish now is dropped.", "pushfanout topology apply, or start a worker.");

    public static readonly FindingKind TopologyConflict = Fault(
        "topology_conflict", "An exchange or queue has other arguments than workers declare; they refuse to start on it.",
        "pushfanout topology diff names the argument. Drain the queue, delete it, and run 'pushfanout topology apply'. A policy can be the cause too: rabbitmqctl list_policies.");

    public static readonly FindingKind QueueUnattended = Warning(
        "queue_unattended", "Nobody consumes a queue that workers consume.", "Start a worker with the role that does; see Roles in docs/settings.md.");

    public static readonly FindingKind MessagesParked = Warning(
        "messages_parked", $"Messages are in {QueueNames.Parked}: nobody could read or handle them.", "pushfanout parked list; docs/parked.md.");

    public static readonly FindingKind RedisUnreachable = Fault(
        "redis_unreachable", "No answer from Redis.", "See that it runs, and that host, port, TLS and firewall fit.");

    public static readonly FindingKind RedisLoginRefused = Fault(
        "redis_login_refused", "Redis asks for a password, or refuses the one that is given.", "Redis:PasswordFile, or --redis-password-file, must hold what Redis has as requirepass.");

    public static readonly FindingKind RedisTooOld = Fault("redis_too_old", "Redis is older than 6.2; workers refuse it.", "Upgrade Redis to 6.2 or later.");

    public static readonly FindingKind RedisEvicts = Fault(
        "redis_evicts", "Redis may evict keys when its memory is full: devices would vanish in silence. Workers refuse it.", "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.");

    public static readonly FindingKind RedisNotPersistent = Warning(
        "redis_not_persistent", "Redis writes no append-only file: a restart forgets devices and books since its last snapshot, or all of them.",
        "CONFIG SET appendonly yes, and the same in redis.conf.");

    public static readonly FindingKind RedisWritesFail = Fault(
        "redis_writes_fail", "Redis could not write its append-only file or its snapshot the last time.", "See the log of Redis; its disk is full, or it may not write there.");

    public static readonly FindingKind RedisMemoryLow = Warning(
        "redis_memory_low", "Redis uses more than 90 % of its maxmemory; when that is full, registrations and sends fail.", "Raise maxmemory, or move to a larger machine.");

    public static readonly FindingKind RedisReadOnly = Fault(
        "redis_read_only", "All that is reached are replicas, which take no writes.", "Name the master among Redis:Endpoints.");

    public static readonly FindingKind ShardsDiffer = Fault(
        "shards_differ", "An app has another number of shards in Redis than in the settings; workers refuse to start.", "Set Apps:NAME:Shards to what Redis has. It cannot be changed later.");

    public static readonly FindingKind ClockSkew = Fault(
        "clock_skew", "The clock of this machine is more than 5 s off that of Redis. APNs refuses provider tokens of an hour, and deadlines shift.",
        "Synchronise both clocks (chrony, systemd-timesyncd): timedatectl status.");

    public static readonly FindingKind ApnsUnreachable = Fault(
        "apns_unreachable", "No connection to APNs.", "Open TCP port 443 to api.push.apple.com and api.sandbox.push.apple.com (17.0.0.0/8), and see that DNS resolves them.");

    public static readonly FindingKind ApnsTls = Fault(
        "apns_tls", "TLS with APNs fails: its certificate is not trusted, or HTTP/2 is not offered.",
        "A firewall may open TLS on the way: exempt Apple's hosts. Otherwise renew the machine's root certificates (ca-certificates), or correct Apns:TrustedCaFile.");

    public static readonly FindingKind ApnsCredentialRefused = Fault(
        "apns_credential_refused", "APNs refuses the credential.",
        "TeamId and KeyId must belong to the .p8 file, the key must not be revoked nor limited to the other environment, and the clock must be right.");

    public static readonly FindingKind ApnsTopicRefused = Fault(
        "apns_topic_refused", "APNs refuses the topic of an app.", "Apps:NAME:Topic must be a bundle id of the team (or certificate), with push notifications enabled.");

    public static readonly FindingKind ApnsBusy = Warning("apns_busy", "APNs answers that it is busy.", "Try again in some minutes; https://developer.apple.com/system-status/.");

    public static IReadOnlyList<FindingKind> All { get; } =
    [
        SettingsInvalid, CredentialUnreadable, CredentialExposed, CredentialUnusable, CertificateExpiring,
        RabbitMqUnreachable, RabbitMqLoginRefused, RabbitMqTooOld, TopologyMissing, TopologyConflict, QueueUnattended, MessagesParked,
        RedisUnreachable, RedisLoginRefused, RedisTooOld, RedisEvicts, RedisNotPersistent, RedisWritesFail, RedisMemoryLow, RedisReadOnly, ShardsDiffer, ClockSkew,
        ApnsUnreachable, ApnsTls, ApnsCredentialRefused, ApnsTopicRefused, ApnsBusy,
    ];

    private static FindingKind Fault(string code, string meaning, string fix) => new(code, Severity.Fault, meaning, fix);

    private static FindingKind Warning(string code, string meaning, string fix) => new(code, Severity.Warning, meaning, fix);
}
