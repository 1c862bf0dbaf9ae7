using System.Text;
using Microsoft.Extensions.Configuration;
using PushFanout.Apns;
using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Tests.Hosting;

public sealed class PushFanoutOptionsReaderTests : IDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly Dictionary<string, string?> _good;

    public PushFanoutOptionsReaderTests() => _good = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PushFanout:Credentials:main:Kind"] = "p8",
        ["PushFanout:Credentials:main:TeamId"] = "TEAM456789",
        ["PushFanout:Credentials:main:KeyId"] = "KEY3456789",
        ["PushFanout:Credentials:main:KeyFile"] = _files.WriteAuthKey(),
        ["PushFanout:Apps:shop-ios:Topic"] = "com.example.shop",
        ["PushFanout:Apps:shop-ios:Environment"] = "production",
        ["PushFanout:Apps:shop-ios:Credential"] = "main",
    };

    public void Dispose() => _files.Dispose();

    [Fact]
    public void An_app_and_its_credential_are_all_that_must_be_given()
    {
        var options = Accepted();

        Assert.Equal(Roles.All, options.Roles);
        Assert.Equal(new Uri("amqp://localhost/"), options.RabbitMq.Uri);
        Assert.Equal("localhost:6379", options.Redis!.Endpoints);
        Assert.Equal(500, options.Expansion.BatchTokens);
        Assert.Equal(16, options.Dispatch.Slots.Bulk);
        Assert.Equal(TimeSpan.FromHours(6), options.Apps["shop-ios"].DefaultDeadline);
        Assert.Equal(["*"], options.Apps["shop-ios"].AllowedSources);
        Assert.Equal(TimeSpan.FromDays(7), options.DedupeWindow.Planned);
        Assert.Null(options.Http.ApiKeyFile);
    }

    [Fact]
    public void The_whole_configuration_as_documented_is_read()
    {
        var json = $$"""
            { "PushFanout": {
              "Roles": ["intake", "dispatch"],
              "RabbitMq": { "Uri": "amqps://pusher@broker.example:5671/push", "PasswordFile": "{{_files.Write("broker", "one\n")}}", "PublishTimeout": "00:00:05" },
              "Redis": { "Endpoints": "a.example:6379,b.example", "PasswordFile": "{{_files.Write("redis", "two\n")}}", "Tls": true, "KeyPrefix": "shop", "Timeout": "00:00:02" },
              "Credentials": { "main": { "Kind": "p8", "TeamId": "TEAM456789", "KeyId": "KEY3456789", "KeyFile": "{{_files.WriteAuthKey("other.p8")}}" } },
              "Apps": { "shop-ios": { "Topic": "com.example.shop", "Environment": "sandbox", "Credential": "main", "PushesPerSecond": null, "MaxAudience": 5000000,
                        "AllowedSources": ["billing", "news"], "DefaultDeadline": "03:00:00", "Shards": 64 } },
              "AppsDirectory": null,
              "Expansion": { "BatchTokens": 100, "RangeTokens": 5000, "WindowRanges": 4 },
              "Dispatch": { "MaxAttempts": 3, "CheckpointEvery": 50, "CheckpointInterval": "00:00:00.020", "Slots": { "short": 1, "urgent": 2, "normal": 3, "bulk": 4 } },
              "Apns": { "MaxConnectionsPerApp": 2, "AnswerTimeout": "00:00:04", "EndpointOverride": "https://localhost:2197", "TrustedCaFile": null },
              "Brake": { "Share": 0.25, "MinimumAnswers": 100, "Window": "00:02:00", "MaxRemovalsPerMinute": 500 },
              "Receipts": { "Retention": "1.00:00:00" }, "DedupeWindow": { "ShortWay": "00:30:00", "Planned": "2.00:00:00" },
              "Http": { "Urls": "http://0.0.0.0:8080;http://localhost:9090", "ApiKeyFile": "{{_files.Write("key", "0123456789abcdef")}}" }, "AllowInsecure": false } }
            """;
        var result = PushFanoutOptionsReader.Read(
            new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json.Replace("\\", "\\\\", StringComparison.Ordinal)))).Build());

        Assert.Empty(result.Faults);
        var options = result.Options!;
        Assert.Equal(Roles.Intake | Roles.Dispatch, options.Roles);
        Assert.Equal(("pusher", "one"), options.RabbitMq.ReadLogin());
        Assert.Equal("two", options.Redis!.ReadPassword());
        Assert.Equal(ApnsEnvironment.Sandbox, options.Apps["shop-ios"].Environment);
        Assert.Equal(5_000_000, options.Apps["shop-ios"].MaxAudience);
        Assert.Null(options.Apps["shop-ios"].PushesPerSecond);
        Assert.Equal(["billing", "news"], options.Apps["shop-ios"].AllowedSources);
        Assert.Equal(TimeSpan.FromMilliseconds(20), options.Dispatch.CheckpointInterval);
        Assert.Equal(3, options.Dispatch.Slots.Normal);
        Assert.Equal(0.25, options.Brake.Share);
        Assert.Equal(["http://0.0.0.0:8080", "http://localhost:9090"], options.Http.SplitUrls());
    }

    [Fact]
    public void The_id_of_a_key_may_be_in_a_file_but_not_in_two_places()
    {
        _good["PushFanout:Credentials:main:KeyIdFile"] = _files.Write("key-id", "KEY3456789\n");
        Assert.Equal("PushFanout:Credentials:main:KeyIdFile: must not be given together with KeyId", Assert.Single(Faults()).ToString());
        _good.Remove("PushFanout:Credentials:main:KeyId");
        using (var credentials = CredentialSet.Load(Accepted().Credentials))
        {
            Assert.Equal("provider token key KEY3456789 of team TEAM456789", credentials.ByName["main"].ToString());
        }
        _good["PushFanout:Credentials:main:KeyIdFile"] = _files.Write("no-id", "KEY\n");
        Assert.Contains("the key id that belongs to the key must be 10 letters or digits", Assert.Single(Faults()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_is_listed_at_once()
    {
        var faults = Faults(
            ("Redis:Endpoint", "localhost"), ("Dispatch:MaxAttempts", "0"), ("Apps:shop-ios:Topic", null), ("Apps:shop-ios:Credential", "mian"),
            ("Credentials:main:KeyId", "short"), ("Credentials:main:KeyFile", "/nowhere.p8"), ("Apns:EndpointOverride", "http://localhost:1"));

        Assert.Equal(
            [
                "PushFanout:Apns:EndpointOverride", "PushFanout:Apps:shop-ios:Credential", "PushFanout:Apps:shop-ios:Topic",
                "PushFanout:Credentials:main:KeyFile", "PushFanout:Credentials:main:KeyId", "PushFanout:Dispatch:MaxAttempts",
                "PushFanout:Redis:Endpoint",
            ],
            faults.Select(fault => fault.Setting).Order());
    }

    [Theory]
    [InlineData("Rolls", "intake", "is not a setting")]
    [InlineData("Redis:Password", "secret", "is not a setting")]
    [InlineData("Apps:shop-ios:topics", "x", "is not a setting")]
    [InlineData("RabbitMq:HasPasswordInUri", "true", "is not a setting")]
    [InlineData("Roles", "intake,everything", "must list only intake, expansion, dispatch, feedback, http")]
    [InlineData("Roles", "all", "must list only intake, expansion, dispatch, feedback, http")]
    [InlineData("Roles", "1", "must list only intake, expansion, dispatch, feedback, http")]
    [InlineData("Roles", "", "must list at least one of intake, expansion, dispatch, feedback, http")]
    [InlineData("Transport", "kafka", "must be one of rabbitmq, in-memory")]
    [InlineData("Transport", "1", "must be one of rabbitmq, in-memory")]
    [InlineData("RabbitMq", "amqp://localhost/", "must be a section with settings of its own")]
    [InlineData("Apps", "shop-ios", "must be a section with one entry per name")]
    [InlineData("RabbitMq:Uri", "localhost", "must be an address with scheme and host")]
    [InlineData("RabbitMq:Uri", "http://localhost/", "must begin with amqp:// or amqps://")]
    [InlineData("RabbitMq:Hosts", "localhost:5673,", "must be host or host:port, several separated by commas")]
    [InlineData("RabbitMq:Hosts", "amqp://localhost", "must be host or host:port, several separated by commas")]
    [InlineData("RabbitMq:PublishTimeout", "10", "must be a time as hours:minutes:seconds")]
    [InlineData("RabbitMq:PublishTimeout", "ten seconds", "must be a time as hours:minutes:seconds")]
    [InlineData("RabbitMq:PublishTimeout", "-00:00:10", "must be from 00:00:00.1000000 to 00:01:00, not -00:00:10")]
    [InlineData("RabbitMq:PublishTimeout", "1.00:00:00", "must be from 00:00:00.1000000 to 00:01:00, not 1.00:00:00")]
    [InlineData("RabbitMq:PasswordFile", "/nowhere", "/nowhere: the file does not exist")]
    [InlineData("Redis:Endpoints", "localhost:0", "must be host or host:port")]
    [InlineData("Redis:Endpoints", "localhost:6379,", "must be host or host:port")]
    [InlineData("Redis:Endpoints", "redis://localhost", "must be host or host:port")]
    [InlineData("Redis:Endpoints", "localhost:6379 password=x", "must be host or host:port")]
    [InlineData("Redis:Tls", "yes", "must be true or false")]
    [InlineData("Redis:KeyPrefix", "{pf}", "must match")]
    [InlineData("Redis:Timeout", "00:00:00", "must be from 00:00:00.1000000 to 00:00:30, not 00:00:00")]
    [InlineData("Credentials:main:Kind", "pem", "must be one of p8, p12")]
    [InlineData("Credentials:main:TeamId", "TEAM", "must match ^[A-Za-z0-9]{10}$")]
    [InlineData("Credentials:main:KeyId", null, "is required with the kind p8")]
    [InlineData("Credentials:main:KeyFile", null, "is required with the kind p8")]
    [InlineData("Credentials:main:PasswordFile", "/x", "belongs to the other kind of credential")]
    [InlineData("Credentials:main:CertificateFile", "/x", "belongs to the other kind of credential")]
    [InlineData("Apps:shop-ios:Environment", "Prod", "must be one of production, sandbox")]
    [InlineData("Apps:shop-ios:Environment", null, "is required")]
    [InlineData("Apps:shop-ios:Topic", "com.example shop", "must match")]
    [InlineData("Apps:shop-ios:PushesPerSecond", "0", "must be from 1 to 1000000, not 0")]
    [InlineData("Apps:shop-ios:PushesPerSecond", "1e3", "must be a whole number")]
    [InlineData("Apps:shop-ios:PushesPerSecond", "99999999999", "must be a whole number")]
    [InlineData("Apps:shop-ios:MaxAudience", "-1", "must be from 1 to 1000000000, not -1")]
    [InlineData("Apps:shop-ios:AllowedSources", "a b", "must list at least one source")]
    [InlineData("Apps:shop-ios:AllowedSources", "", "must list at least one source")]
    [InlineData("Apps:shop-ios:DefaultDeadline", "00:00:01", "must be from 00:01:00 to 30.00:00:00, not 00:00:01")]
    [InlineData("Apps:shop-ios:Shards", "65537", "must be from 1 to 65536, not 65537")]
    [InlineData("AppsDirectory", "/nowhere", "/nowhere: the folder cannot be read")]
    [InlineData("Expansion:BatchTokens", "501", "must be from 1 to 500, not 501")]
    [InlineData("Expansion:RangeTokens", "499", "must be at least Expansion:BatchTokens")]
    [InlineData("Dispatch:Slots:Bulk", "0", "must be from 1 to 256, not 0")]
    [InlineData("Apns:EndpointOverride", "https://user@localhost", "must be https://host[:port] and nothing more")]
    [InlineData("Apns:EndpointOverride", "https://localhost/3/device", "must be https://host[:port] and nothing more")]
    [InlineData("Apns:TrustedCaFile", "/nowhere", "/nowhere: the file does not exist")]
    [InlineData("Brake:Share", "0", "must be from 0.001 to 1, not 0")]
    [InlineData("Brake:Share", "10%", "must be a number such as 0.1")]
    [InlineData("Brake:Share", "NaN", "must be from 0.001 to 1, not NaN")]
    [InlineData("Http:Urls", "localhost", "must be http://host:port or https://host:port")]
    [InlineData("Http:Urls", "ftp://localhost", "must be http://host:port or https://host:port")]
    [InlineData("Http:Urls", "http://localhost:1/base", "must be http://host:port or https://host:port")]
    [InlineData("Http:ApiKeyFile", "/nowhere", "/nowhere: the file does not exist")]
    public void A_bad_setting_is_named_with_what_would_be_right(string setting, string? value, string text)
    {
        var fault = Assert.Single(Faults((setting, value)));

        Assert.Equal("PushFanout:" + setting, fault.Setting);
        Assert.StartsWith(text, fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_where_one_value_belongs_is_refused()
    {
        var fault = Assert.Single(Faults(("RabbitMq:Uri:Host", "localhost")));
        Assert.Equal(new SettingFault("PushFanout:RabbitMq:Uri", "must be one value, not a list or a section"), fault);
    }

    [Theory]
    [InlineData("Shop", "must have a name that matches")]
    [InlineData("shop ios", "must have a name that matches")]
    [InlineData("shop.ios", "must have a name that matches")]
    public void An_app_has_a_name_that_messages_and_routing_keys_can_carry(string name, string text)
    {
        var fault = Assert.Single(Faults(
            ($"Apps:{name}:Topic", "com.example.other"), ($"Apps:{name}:Environment", "sandbox"), ($"Apps:{name}:Credential", "main")));

        Assert.Equal($"PushFanout:Apps:{name}", fault.Setting);
        Assert.StartsWith(text, fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_configured_is_a_fault_of_the_apps()
    {
        _good.Clear();
        Assert.Equal(["PushFanout:Apps"], Faults().Select(fault => fault.Setting));
    }

    [Fact]
    public void Environment_variables_override_files()
    {
        const string variable = "PushFanout__Redis__Endpoints";
        Environment.SetEnvironmentVariable(variable, "127.0.0.1:7777");
        try
        {
            var result = PushFanoutOptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(_good).AddEnvironmentVariables().Build());
            Assert.Equal("127.0.0.1:7777", result.Options?.Redis?.Endpoints);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public void In_memory_transport_keeps_tokens_and_ledger_in_memory_unless_Redis_is_given()
    {
        _good["PushFanout:Transport"] = "in-memory";
        Assert.Null(Accepted().Redis);

        _good["PushFanout:Redis:Endpoints"] = "localhost:1";
        Assert.Equal("localhost:1", Accepted().Redis!.Endpoints);
    }

    [Fact]
    public void In_memory_transport_needs_the_whole_pipeline_in_the_process()
    {
        var fault = Assert.Single(Faults(("Transport", "in-memory"), ("Roles", "intake,dispatch")));
        Assert.Equal("PushFanout:Roles", fault.Setting);
    }

    [Fact]
    public void Beyond_this_machine_broker_and_Redis_need_encryption_and_a_password()
    {
        (string, string?)[] far = [("RabbitMq:Uri", "amqp://broker.example/"), ("Redis:Endpoints", "localhost,10.0.0.1:6379")];

        Assert.Equal(
            ["PushFanout:RabbitMq:PasswordFile", "PushFanout:RabbitMq:Uri", "PushFanout:Redis:PasswordFile", "PushFanout:Redis:Tls"],
            Faults(far).Select(fault => fault.Setting).Order());
        Assert.Empty(Faults([.. far, ("AllowInsecure", "true")]));
        Assert.Equal(
            ["PushFanout:RabbitMq:PasswordFile", "PushFanout:RabbitMq:Uri"],
            Faults(("RabbitMq:Hosts", "127.0.0.2:5673,broker.example")).Select(fault => fault.Setting).Order());
        Assert.Empty(Faults(("RabbitMq:Hosts", "127.0.0.2:5673,[::1]:5674,localhost")));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.9")]
    [InlineData("[::1]")]
    public void On_this_machine_neither_is_needed(string host) =>
        Assert.Empty(Faults(("RabbitMq:Uri", $"amqp://a:b@{host}:5672/"), ("Redis:Endpoints", $"{host}:6379"), ("Http:Urls", $"http://{host}:80")));

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://127.0.0.1:8080;https://worker.example:8443")]
    public void Listening_beyond_this_machine_needs_a_key(string urls)
    {
        Assert.Equal("PushFanout:Http:ApiKeyFile", Assert.Single(Faults(("Http:Urls", urls))).Setting);
        Assert.Empty(Faults(("Http:Urls", urls), ("Roles", "dispatch")));
        Assert.Empty(Faults(("Http:Urls", urls), ("Http:ApiKeyFile", _files.Write("key", "0123456789abcdef\n"))));
    }

    [Fact]
    public void What_a_secret_file_holds_is_in_no_fault()
    {
        const string canary = "canary-5ecret";
        var faults = Faults(
            ("RabbitMq:Uri", $"amqp://user:{canary}@broker.example/"), ("Redis:PasswordFile", _files.Write("two-lines", $"{canary}\n{canary}")),
            ("Credentials:main:KeyFile", _files.Write("bad.p8", canary)), ("Http:ApiKeyFile", _files.Write("short", canary)),
            ("Brake:Share", canary), ("Dispatch:MaxAttempts", canary), ("Apps:shop-ios:Topic", canary + "!"), ("Redis:Tls", canary));

        Assert.Equal(9, faults.Count);
        Assert.DoesNotContain(faults, fault => fault.ToString().Contains(canary, StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_that_every_user_can_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var path = _files.Write("open", "0123456789abcdef", readableByAll: true);
        Assert.All(
            Faults(("Redis:PasswordFile", path), ("Http:ApiKeyFile", path), ("RabbitMq:PasswordFile", path)),
            fault => Assert.Contains("every user of this machine can read the file", fault.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Apps_also_come_from_a_folder_and_their_faults_name_the_file()
    {
        _files.Write("apps/news-ios.json", """{ "Topic": "com.example.news", "Environment": "sandbox", "Credential": "main" }""");
        _good["PushFanout:AppsDirectory"] = Path.Combine(_files.Path, "apps");
        Assert.Equal(["news-ios", "shop-ios"], Accepted().Apps.Keys.Order());

        _files.Write("apps/bad.json", """{ "Topic": "com.example.bad", "Environment": "sandbox", "Credential": "other", "Shard": 3 }""");
        _files.Write("apps/broken.json", "{");
        _files.Write("apps/shop-ios.json", """{ "Topic": "com.example.news", "Environment": "sandbox", "Credential": "main" }""");
        Assert.Equal(
            [
                "PushFanout:AppsDirectory:bad.json:Credential", "PushFanout:AppsDirectory:bad.json:Shard",
                "PushFanout:AppsDirectory:broken.json", "PushFanout:AppsDirectory:shop-ios.json",
            ],
            Faults().Select(fault => fault.Setting).Order());
    }

    [Fact]
    public void The_credentials_of_good_options_load()
    {
        using var credentials = CredentialSet.Load(Accepted().Credentials);
        Assert.Empty(credentials.Faults);
        Assert.IsType<ProviderTokenKey>(credentials.ByName["main"]);
    }

    private PushFanoutOptions Accepted()
    {
        var result = Read(_good);
        Assert.Empty(result.Faults);
        return result.Options!;
    }

    /// <summary>What is wrong with the good configuration after these changes.</summary>
    private IReadOnlyList<SettingFault> Faults(params (string Setting, string? Value)[] changes)
    {
        var changed = new Dictionary<string, string?>(_good, StringComparer.OrdinalIgnoreCase);
        foreach (var (setting, value) in changes)
        {
            changed["PushFanout:" + setting] = value;
        }
        return Read(changed).Faults;
    }

    private static OptionsResult Read(Dictionary<string, string?> settings) =>
        PushFanoutOptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
