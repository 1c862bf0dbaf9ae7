using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Cli;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Integration.Tests.Telemetry;
using PushFanout.Testing;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Hosting.Reload;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Integration.Tests;

/// <summary>Keys, certificates and apps change while a worker runs.</summary>
public sealed class ReloadTests : IAsyncLifetime, IDisposable
{
    private const int Devices = 3_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _files = new();
    private readonly List<SimulatorClientCertificate> _certificates = [];
    private TestInstallation _installation = null!;
    private PlainAmqpClient _service = null!;
    private InProcessWorker _worker = null!;

    public async Task InitializeAsync()
    {
        _certificates.Add(Known(AppCertificate.Write(CertificateFile, TimeSpan.FromDays(30))));
        _installation = await TestInstallation.CreateAsync(new SimulatorOptions { Topics = [TestInstallation.Topic, AppCertificate.Topic], ClientCertificates = _certificates });
        AppCertificate.Configure(_installation, CertificateFile);
        _installation.Simulator.AddKey(SimulatorKey.CreateP8File(_files.PathOf("first.p8"), "DEMOTEAM01", "FIRSTKEY01"));
        _installation.Simulator.AddKey(SimulatorKey.CreateP8File(_files.PathOf("second.p8"), "DEMOTEAM01", "SECONDKEY2"));
        File.Copy(_files.PathOf("first.p8"), _files.PathOf("key.p8"));
        _installation.Set("Credentials:main:KeyId", null);
        _installation.Set("Credentials:main:KeyIdFile", _files.Write("key-id", "FIRSTKEY01\n"));
        _installation.Set("Credentials:main:KeyFile", _files.PathOf("key.p8"));
        _installation.Set("AppsDirectory", Directory.CreateDirectory(_files.PathOf("apps")).FullName);
        _files.Write("apps/shop-two.json", AppFile(rate: 10));
        _worker = await _installation.StartWorkerAsync();
        await _worker.Get<ConfigurationWatch>().StopAsync(CancellationToken.None); // it looks when the test says so, and not in the middle of a change
        _service = await _installation.ConnectAsync();
        await _service.ListenAsync(Exchanges.NotificationCompleted, "#");
        await _service.ListenAsync(Exchanges.NotificationRejected, "#");
    }

    public async Task DisposeAsync() => await _installation.DisposeAsync();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_key_that_is_replaced_on_disk_takes_over_in_the_middle_of_a_send_and_one_that_cannot_sign_does_not()
    {
        await _installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        var simulator = _installation.Simulator;
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["all"]}""", """{"pushesPerSecond":1000}"""));
        await Eventually.TrueAsync(() => simulator.Recorder.Accepted > 100, Patience, "the send is under way");

        var renewal = _worker.Get<CredentialRenewal>();
        File.Copy(_files.PathOf("second.p8"), _files.PathOf("key.p8"), overwrite: true);
        _files.Write("key-id", "SECONDKEY2\n");
        await LookAsync();
        Assert.Equal(1, renewal.Retiring); // what was begun with the old key ends with it

        Assert.Equal(Devices, AcceptedOf(await _service.NextAsync()));
        Assert.Equal((Devices, Devices), (simulator.Recorder.Answered, simulator.Recorder.Accepted)); // each once, and nothing refused
        await Eventually.TrueAsync(
            async () =>
            {
                await LookAsync();
                return renewal.Retiring == 0;
            },
            Patience, "the old client is let go");

        simulator.RemoveKey("FIRSTKEY01");
        Assert.Equal(1, AcceptedOf(await SendAsync(TestInstallation.App)));

        _files.Write("key.p8", "not a key");
        await LookAsync();
        Assert.Equal(1, RefusedFiles());
        Assert.Equal(1, AcceptedOf(await SendAsync(TestInstallation.App)));

        File.Copy(_files.PathOf("second.p8"), _files.PathOf("key.p8"), overwrite: true);
        await LookAsync();
        Assert.Equal(0, RefusedFiles());
    }

    [Fact]
    public async Task A_certificate_that_is_replaced_on_disk_takes_over_and_one_that_cannot_be_read_does_not()
    {
        var renewal = _worker.Get<CredentialRenewal>();
        Assert.Equal(1, AcceptedOf(await SendAsync(AppCertificate.App)));

        // From now on APNs knows the new one alone: what is accepted came over a connection that showed it.
        _certificates[0] = Known(AppCertificate.Write(CertificateFile, TimeSpan.FromDays(60)));
        await LookAsync();
        Assert.Equal(1, renewal.Retiring);
        await Eventually.TrueAsync(
            async () =>
            {
                await LookAsync();
                return renewal.Retiring == 0;
            },
            Patience, "the old client is let go");
        Assert.Equal(1, AcceptedOf(await SendAsync(AppCertificate.App)));

        await File.WriteAllTextAsync(CertificateFile, "not a certificate");
        await LookAsync();
        Assert.Equal(1, RefusedFiles());
        Assert.Equal(1, AcceptedOf(await SendAsync(AppCertificate.App)));
    }

    [Fact]
    public async Task Apps_come_change_and_go_with_their_files_and_a_file_with_a_fault_changes_nothing()
    {
        var apps = _worker.Get<AppCatalog>();
        Assert.Equal(1, AcceptedOf(await SendAsync("shop-two")));

        // A new one, and a fault in another: the one is served, the other stays as it was.
        _files.Write("apps/shop-three.json", AppFile());
        _files.Write("apps/shop-two.json", "{ \"Topic\": ");
        Assert.Equal("unknown_app", FaultOf(await SendAsync("shop-three")));
        await LookAsync();
        Assert.Equal(1, AcceptedOf(await SendAsync("shop-three")));
        Assert.Equal(1, AcceptedOf(await SendAsync("shop-two")));
        Assert.Equal((1, 10), (RefusedFiles(), apps.Find("shop-two")!.Options.PushesPerSecond));
        Assert.Contains("pushfanout_app=\"shop-three\"", _worker.Get<PrometheusExporter>().Scrape(), StringComparison.Ordinal);

        // The number of shards is fixed.
        _files.Write("apps/shop-two.json", AppFile(rate: 20));
        _files.Write("apps/shop-three.json", AppFile(shards: 77));
        await LookAsync();
        Assert.Equal((1, 20, 1024), (RefusedFiles(), apps.Find("shop-two")!.Options.PushesPerSecond, apps.Find("shop-three")!.Options.Shards));

        // One that goes takes no more requests, and sends what it was asked before.
        var later = Guid.NewGuid();
        await _service.PublishAsync(
            Exchanges.NotificationRequested,
            Requests.Json(later, Audience, $$"""{"app":"shop-two","notBefore":"{{TimeProvider.System.GetUtcNow().AddSeconds(3):O}}"}"""));
        await Eventually.TrueAsync(async () => await IsKnownAsync(later), Patience, "the request is taken");
        File.Delete(_files.PathOf("apps/shop-two.json"));
        await LookAsync();
        JsonElement[] ends = [await SendAsync("shop-two"), await _service.NextAsync()];
        Assert.Equal("unknown_app", FaultOf(Assert.Single(ends, end => end.TryGetProperty("faults", out _))));
        Assert.Equal(1, AcceptedOf(Assert.Single(ends, end => end.GetProperty("notificationId").GetGuid() == later)));
    }

    private string CertificateFile => _files.PathOf("tv.p12");

    private static SimulatorClientCertificate Known(X509Certificate2 certificate) => new(certificate, [AppCertificate.Topic]);

    private static string Audience => JsonSerializer.Serialize(new { tokens = new[] { Convert.ToHexString(Requests.Token(1)) } });

    /// <summary>Twice: what has changed is taken over when it is there at two looks in a row.</summary>
    private async Task LookAsync()
    {
        await _worker.Get<ConfigurationWatch>().LookAsync(CancellationToken.None);
        await _worker.Get<ConfigurationWatch>().LookAsync(CancellationToken.None);
    }

    private async Task<JsonElement> SendAsync(string app)
    {
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), Audience, $$"""{"app":"{{app}}"}"""));
        return await _service.NextAsync();
    }

    private async Task<bool> IsKnownAsync(Guid id) => await _worker.Get<Worker.Ledger.INotificationLedger>().ReadStatusAsync(id, CancellationToken.None) is not null;

    private int RefusedFiles() => _worker.Get<CredentialRenewal>().Refused + _worker.Get<AppFolder>().Refused;

    private static long AcceptedOf(JsonElement completed) => completed.TryGetProperty("outcomes", out var outcomes)
        ? outcomes.GetProperty("accepted").GetInt64()
        : throw new Xunit.Sdk.XunitException($"not accepted: {completed}");

    private static string FaultOf(JsonElement rejected) => rejected.GetProperty("faults")[0].GetProperty("code").GetString()!;

    private static string AppFile(int? rate = null, int shards = 1024) => JsonSerializer.Serialize(
        new { TestInstallation.Topic, Environment = "production", Credential = "main", PushesPerSecond = rate, Shards = shards });
}
