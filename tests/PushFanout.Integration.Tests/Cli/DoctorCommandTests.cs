using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using PushFanout.ApnsSimulator;
using PushFanout.Cli.Doctor;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.TokenCache.Redis;
using RabbitMQ.Client;

namespace PushFanout.Integration.Tests.Cli;

/// <summary>Every kind of finding is provoked here once, by its cause.</summary>
public sealed class DoctorCommandTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task A_sound_installation_has_nothing_wrong_and_what_goes_wrong_with_it_is_found()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true });
        await using var installation = await TestInstallation.CreateAsync(redis: redis.ConnectionString);
        using var folder = new TemporaryFolder();
        var config = Write(folder, installation);
        await using (var worker = await installation.StartWorkerAsync())
        {
            // The broker counts consumers some moments after they came.
            await Eventually.TrueAsync(async () => (await FindAsync("--config", config)).Codes.Count == 0, Patience, "nothing is wrong");
            var sound = await Run.OfAsync("doctor", "--config", config);
            Assert.Equal((0, ""), (sound.ExitCode, sound.Error));
            Assert.Contains("Nothing is wrong.", sound.Output, StringComparison.Ordinal);
            foreach (var subject in (string[])["settings", "credential main", "RabbitMQ", "topology", "workers", "Redis", "clock", "app shop-ios"])
            {
                Assert.Contains($"ok       {subject}", sound.Output, StringComparison.Ordinal);
            }
        }

        // The worker has gone, somebody publishes what nobody can read, and Redis and the settings of the app were changed.
        await PublishAsync(installation.RabbitMq, "pushfanout.parked");
        await redis.CommandAsync("CONFIG SET appendonly no");
        await redis.CommandAsync("CONFIG SET maxmemory-policy allkeys-lru");
        installation.Set("Apps:shop-ios:Shards", "64");
        installation.Set("Apps:shop-ios:Topic", "com.example.other");
        await Eventually.TrueAsync(
            async () => (await FindAsync("--config", Write(folder, installation))).Codes.Order(StringComparer.Ordinal).SequenceEqual(
                ["apns_topic_refused", "messages_parked", "queue_unattended", "redis_evicts", "redis_not_persistent", "shards_differ"]),
            Patience, "each is found");
        var shown = await Run.OfAsync("doctor", "--config", config);
        Assert.Equal(1, shown.ExitCode);
        Assert.Contains("Fix: CONFIG SET maxmemory-policy noeviction", shown.Output, StringComparison.Ordinal);
        Assert.Contains("3 faults, 3 warnings.", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_cannot_be_used_are_told_apart_and_hide_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var exposed = Protect(folder.Write("exposed.p8", "a key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var noKey = Protect(folder.Write("no-key.p8", "no key"), UnixFileMode.UserRead);
        var expiring = folder.PathOf("expiring.p12");
        await File.WriteAllBytesAsync(expiring, CertificateFor(TimeSpan.FromDays(20)));
        Protect(expiring, UnixFileMode.UserRead);
        var config = folder.Write("appsettings.json", JsonSerializer.Serialize(new
        {
            PushFanout = new
            {
                Transport = "rabbitmq",
                Colour = "red",
                Credentials = new
                {
                    missing = Key(folder.PathOf("nowhere.p8")),
                    exposed = Key(exposed),
                    noKey = Key(noKey),
                    idInFile = new { Kind = "p8", TeamId = "DEMOTEAM01", KeyIdFile = folder.Write("key-id", "DEMOKEY001"), KeyFile = noKey },
                    expiring = new { Kind = "p12", CertificateFile = expiring },
                    nameless = new { Kind = "p8", TeamId = "DEMOTEAM01", KeyId = "DEMOKEY001" },
                },
            },
        }));
        var closed = FreePort.Next();
        var (exitCode, codes, output) = await FindAsync("--config", config, "--rabbitmq", $"amqp://127.0.0.1:{closed}/", "--redis", $"127.0.0.1:{closed}");
        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                "certificate_expiring", "credential_exposed", "credential_unreadable", "credential_unusable", "credential_unusable", "rabbitmq_unreachable", "redis_unreachable",
                "settings_invalid", "settings_invalid", "settings_invalid", // Colour, no apps, no key file
            ],
            codes.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("a key\"", output, StringComparison.Ordinal);

        static object Key(string file) => new { Kind = "p8", TeamId = "DEMOTEAM01", KeyId = "DEMOKEY001", KeyFile = file };
    }

    [Fact]
    public async Task Servers_by_themselves_can_be_looked_at_without_settings()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true, Password = "hushhush" });
        var virtualHost = await Servers.NewVirtualHostAsync();
        var wrongPassword = new UriBuilder(virtualHost) { Password = "hushhush" }.Uri;
        string[] servers = ["--rabbitmq", virtualHost.ToString(), "--redis", redis.Endpoint];
        Assert.Equal(["redis_login_refused", "topology_missing"], (await FindAsync(servers)).Codes.Order(StringComparer.Ordinal));
        Assert.Equal(["rabbitmq_login_refused"], (await FindAsync("--rabbitmq", wrongPassword.ToString())).Codes);
        Assert.Equal(["rabbitmq_login_refused"], (await FindAsync("--rabbitmq", new Uri(virtualHost, "no-such-host").ToString())).Codes);

        await using (var connection = await new ConnectionFactory { Uri = virtualHost }.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeclareAsync("pushfanout.parked", durable: true, exclusive: false, autoDelete: false);
        }
        var (exitCode, codes, output) = await FindAsync("--rabbitmq", virtualHost.ToString());
        Assert.Equal((1, "topology_conflict,topology_missing"), (exitCode, string.Join(',', codes.Order(StringComparer.Ordinal))));
        Assert.DoesNotContain("hushhush", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APNs_that_is_not_there_not_to_be_trusted_or_not_content_is_told_apart()
    {
        await using var apns = await SimulatorHost.StartAsync(new SimulatorOptions());
        await using var other = await SimulatorHost.StartAsync(new SimulatorOptions());
        var keys = new { main = new { Kind = "p8", TeamId = apns.Options.DemoTeamId, KeyId = apns.Options.DemoKeyId, KeyFile = apns.DemoKeyFile } };
        using var folder = new TemporaryFolder();
        Assert.Empty(await CodesAsync($"{apns.Endpoint}", apns.AuthorityFile));
        Assert.Equal(["apns_unreachable"], await CodesAsync($"https://localhost:{FreePort.Next()}", apns.AuthorityFile));
        Assert.Equal(["apns_tls"], await CodesAsync($"{apns.Endpoint}", other.AuthorityFile));
        Assert.Equal(["apns_credential_refused"], await CodesAsync($"{other.Endpoint}", other.AuthorityFile)); // knows another key by this name
        apns.Tokens.Answer(new byte[32], 503, "ServiceUnavailable");
        Assert.Equal(["apns_busy"], await CodesAsync($"{apns.Endpoint}", apns.AuthorityFile));

        async Task<IReadOnlyList<string>> CodesAsync(string endpoint, string authority) => (await FindAsync("--config", folder.Write("appsettings.json", JsonSerializer.Serialize(new
        {
            PushFanout = new
            {
                Transport = "in-memory",
                Apns = new { EndpointOverride = endpoint, TrustedCaFile = authority },
                Credentials = keys,
                Apps = new Dictionary<string, object> { ["shop-ios"] = new { Topic = "com.example.shop", Environment = "production", Credential = "main" } },
            },
        })))).Codes;
    }

    [Fact]
    public async Task A_clock_that_is_off_is_found()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true });
        var examination = new Examination();
        await new RedisExamination(new RedisConnectionOptions { Endpoints = redis.Endpoint }, new Dictionary<string, int>(), new LateClock(TimeSpan.FromSeconds(30))).RunAsync(examination, default);
        var finding = Assert.Single(examination.Findings);
        Assert.Equal("clock_skew", finding.Kind.Code);
        Assert.Matches("behind Redis", finding.Text);
    }

    /// <summary>What takes another server, a full disk or a failing one is read from what a server says about itself.</summary>
    [Fact]
    public void What_a_server_says_about_itself_is_understood()
    {
        Assert.Equal(["redis_too_old"], Codes(("redis_version", "6.0.16"), ("aof_enabled", "1")));
        Assert.Equal(["redis_writes_fail"], Codes(("redis_version", "7.0.15"), ("aof_enabled", "1"), ("rdb_last_bgsave_status", "err"), ("aof_last_write_status", "ok")));
        Assert.Equal(["redis_memory_low"], Codes(("redis_version", "7.0.15"), ("aof_enabled", "1"), ("used_memory", "950"), ("maxmemory", "1000")));
        Assert.Empty(Codes(("redis_version", "7.0.15"), ("aof_enabled", "1"), ("used_memory", "850"), ("maxmemory", "1000"), ("maxmemory_policy", "noeviction")));

        var old = new Examination();
        new RabbitMqExamination(new(new Uri("amqp://localhost/"), null)).ExamineVersion("3.9.27", old);
        Assert.Equal("rabbitmq_too_old", Assert.Single(old.Findings).Kind.Code);
        var current = new Examination();
        new RabbitMqExamination(new(new Uri("amqp://localhost/"), null)).ExamineVersion("4.1.0-rc.1", current);
        Assert.Empty(current.Findings);

        static IEnumerable<string> Codes(params (string Name, string Value)[] info)
        {
            var examination = new Examination();
            RedisExamination.Examine(new RedisServerFacts("127.0.0.1:6379", info.ToDictionary(line => line.Name, line => line.Value)), examination);
            return examination.Findings.Select(finding => finding.Kind.Code);
        }
    }

    [Fact]
    public async Task A_replica_alone_is_no_Redis_to_write_to()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true, Arguments = ["--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "yes"] });
        var (_, codes, output) = await FindAsync("--redis", redis.Endpoint.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        Assert.Equal(["redis_read_only"], codes);
        Assert.Contains(" localhost:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unspecified", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_has_a_code_of_its_own_and_a_fix()
    {
        Assert.Equal(FindingKinds.All.Count, FindingKinds.All.Select(kind => kind.Code).Distinct().Count());
        Assert.All(FindingKinds.All, kind => Assert.Matches("^[a-z_]+$", kind.Code));
        Assert.All(FindingKinds.All, kind => Assert.EndsWith(".", kind.Fix, StringComparison.Ordinal));
    }

    private static async Task<(int ExitCode, IReadOnlyList<string> Codes, string Output)> FindAsync(params string[] arguments)
    {
        var run = await Run.OfAsync(["doctor", .. arguments, "--json"]);
        Assert.Empty(run.Error);
        using var json = JsonDocument.Parse(run.Output);
        return (run.ExitCode, [.. json.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString()!)], run.Output);
    }

    private static string Write(TemporaryFolder folder, TestInstallation installation) =>
        folder.Write("appsettings.json", JsonSerializer.Serialize(installation.Configuration.AsEnumerable().Where(setting => setting.Value is not null).ToDictionary()));

    private static string Protect(string file, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, mode);
        }
        return file;
    }

    private static async Task PublishAsync(Uri broker, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties(), "nobody can read this"u8.ToArray());
    }

    private static byte[] CertificateFor(TimeSpan validity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=Apple Push Services: com.example.shop", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now + validity);
        return certificate.Export(X509ContentType.Pkcs12);
    }

    private sealed class LateClock(TimeSpan late) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - late;
    }
}
