using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;
using PushFanout.Worker.Hosting;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>That the compose file can work, as far as that can be known without a container engine.</summary>
public sealed partial class ComposeFileTests
{
    private readonly ComposeFile _file = ComposeFile.Read();

    private ComposeService Worker => _file.Services["worker"];

    private ComposeService Simulator => _file.Services["simulator"];

    [Fact]
    public void It_has_a_broker_a_store_a_simulator_and_two_workers()
    {
        Assert.Equal(["rabbitmq", "redis", "simulator", "api-key", "worker"], _file.Services.Where(service => service.Value.Profiles.Count == 0).Select(service => service.Key));
        Assert.Equal(2, Worker.Deploy!.Replicas);
        Assert.Equal("worker", Assert.Single(Worker.Command));
        Assert.Equal("simulator", Assert.Single(Simulator.Command));
    }

    [Fact]
    public void What_it_builds_from_is_in_the_repository_and_everything_else_of_ours_uses_that_image()
    {
        var built = Assert.Single(_file.Services.Values, service => service.Build is not null);
        Assert.True(RepositoryFiles.Exists(Path.Combine(built.Build!.Context, built.Build.Dockerfile)));
        Assert.Equal("deploy/Dockerfile", built.Build.Dockerfile);
        Assert.Equal(built.Image, Worker.Image);
        Assert.All(
            _file.Services.Values.Where(service => service.Image == built.Image && service.Build is null),
            service => Assert.Equal("never", service.PullPolicy)); // it is in no registry
    }

    [Fact]
    public void Every_volume_is_declared_and_every_declared_one_is_used()
    {
        var used = _file.Services.Values.SelectMany(service => service.Mounts.Except(service.Files)).Select(mount => mount.Source).ToHashSet();
        Assert.Equal(_file.Volumes.Keys.Order(), used.Order());
    }

    [Fact]
    public void Every_file_of_the_repository_that_it_mounts_is_there_and_nobody_may_change_it()
    {
        Assert.All(_file.Services.Values.SelectMany(service => service.Files), mount => Assert.True(RepositoryFiles.Exists(mount.Source), $"{mount.Source} is not in the repository"));
        Assert.All(_file.Services.Values.SelectMany(service => service.Volumes).Where(volume => volume.StartsWith("./", StringComparison.Ordinal)), volume =>
            Assert.EndsWith(":ro", volume, StringComparison.Ordinal));
    }

    [Fact]
    public void The_image_has_the_folders_that_its_volumes_take_their_owner_from()
    {
        var made = Dockerfile.Read().FinalStage.Single(instruction => instruction.Word == "RUN").Text;
        Assert.All(Worker.Mounts.Concat(Simulator.Mounts), mount => Assert.Contains(mount.Target, made, StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_a_service_waits_for_exists_and_can_tell_when_it_is_there()
    {
        foreach (var (name, dependency) in _file.Services.Values.SelectMany(service => service.DependsOn))
        {
            var awaited = _file.Services[name];
            switch (dependency.Condition)
            {
                case "service_healthy":
                    Assert.NotNull(awaited.Healthcheck);
                    break;
                case "service_completed_successfully":
                    Assert.Equal("no", awaited.Restart);
                    break;
                default:
                    Assert.Fail($"{dependency.Condition} does not wait for anything");
                    break;
            }
        }
    }

    [Fact]
    public async Task A_worker_accepts_its_settings_once_the_simulator_and_the_api_key_are_there()
    {
        await using var services = new ComposedServices(_file);
        await services.StartSimulatorAsync();
        Assert.Equal(0, await services.RunAsync("api-key"));

        var settings = services.EnvironmentOf("worker").ToDictionary(variable => variable.Key.Replace("__", ":", StringComparison.Ordinal), variable => variable.Value);
        Assert.All(settings.Keys, name => Assert.StartsWith("PushFanout:", name, StringComparison.Ordinal));
        var read = PushFanoutOptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());

        Assert.Empty(read.Faults);
    }

    [Fact]
    public async Task The_api_key_stays_the_same_when_its_service_runs_again()
    {
        await using var services = new ComposedServices(_file);
        var path = services.EnvironmentOf("worker")["PushFanout__Http__ApiKeyFile"]!;
        Assert.Equal(0, await services.RunAsync("api-key"));
        var first = await File.ReadAllTextAsync(path);
        Assert.Equal(0, await services.RunAsync("api-key"));

        Assert.Equal(first, await File.ReadAllTextAsync(path));
        Assert.Equal(32, first.Trim().Length);
    }

    [Fact]
    public async Task Every_variable_of_the_simulator_is_one_that_it_reads()
    {
        var help = new StringWriter();
        Assert.Equal(0, await SimulatorProgram.RunAsync(["--help"], _ => null, help, TextWriter.Null, CancellationToken.None));
        var known = Argument().Matches(help.ToString()).Select(match => "SIMULATOR_" + match.Groups[1].Value.ToUpperInvariant().Replace('-', '_'));

        Assert.Empty(Simulator.Environment.Keys.Except(known));
    }

    [Fact]
    public async Task A_health_check_passes_where_the_service_answers_and_fails_where_nobody_listens()
    {
        await using var services = new ComposedServices(_file);
        var port = await services.StartSimulatorAsync();

        Assert.Equal(0, await services.CheckHealthAsync("simulator", port));
        Assert.NotEqual(0, await services.CheckHealthAsync("worker", port)); // the simulator has no /health/ready
        Assert.NotEqual(0, await services.CheckHealthAsync("simulator", FreePort.Next()));
    }

    [Fact]
    public void Whoever_calls_a_service_names_it_and_the_port_that_it_listens_at()
    {
        var apns = new Uri(Worker.Environment["PushFanout__Apns__EndpointOverride"]);
        Assert.Equal("simulator", apns.Host);
        Assert.Equal(Simulator.Environment["SIMULATOR_HOST_NAME"], apns.Host); // the name in its certificate
        Assert.Equal(Simulator.Environment["SIMULATOR_PORT"], Text(apns.Port));
        Assert.Equal(Simulator.Environment["SIMULATOR_CONTROL_PORT"], Simulator.Healthcheck!.Test[2]);

        var broker = new Uri(Worker.Environment["PushFanout__RabbitMq__Uri"]);
        var rabbitMq = _file.Services["rabbitmq"].Environment;
        Assert.Equal(("rabbitmq", 5672), (broker.Host, broker.Port));
        Assert.Equal($"{rabbitMq["RABBITMQ_DEFAULT_USER"]}:{rabbitMq["RABBITMQ_DEFAULT_PASS"]}", broker.UserInfo);
        Assert.Equal("redis:6379", Worker.Environment["PushFanout__Redis__Endpoints"]);

        var http = new Uri(Worker.Environment["PushFanout__Http__Urls"]);
        Assert.Equal(Text(http.Port), Worker.Healthcheck!.Test[2]);
        Assert.Contains(Dockerfile.Read().Instructions, instruction => instruction.Word == "EXPOSE" && instruction.Text == Text(http.Port));
    }

    [Fact]
    public void Every_open_port_is_one_that_somebody_listens_at_and_open_on_this_machine_only()
    {
        var listening = new Dictionary<string, int[]>
        {
            ["rabbitmq"] = [5672, 15672],
            ["redis"] = [6379],
            ["simulator"] = [int.Parse(Simulator.Environment["SIMULATOR_CONTROL_PORT"], CultureInfo.InvariantCulture)],
            ["prometheus"] = [9090],
            ["grafana"] = [3000],
            ["worker"] = [new Uri(Worker.Environment["PushFanout__Http__Urls"]).Port],
        };
        foreach (var (name, service) in _file.Services)
        {
            Assert.All(service.OpenPorts, open =>
            {
                Assert.Equal("127.0.0.1", open.Address);
                Assert.Contains(open.Port, listening[name]);
            });
        }
    }

    [Fact]
    public void Redis_keeps_what_it_is_told_and_evicts_nothing()
    {
        var command = string.Join(' ', _file.Services["redis"].Command);
        Assert.Contains("--maxmemory-policy noeviction", command, StringComparison.Ordinal);
        Assert.Contains("--appendonly yes", command, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_is_given_longer_to_stop_than_it_takes()
    {
        using var worker = WorkerHost.Build(new PushFanoutOptions { Transport = Transport.InMemory }, new ConfigurationBuilder().AddInMemoryCollection().Build());
        var taken = worker.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;

        Assert.InRange(int.Parse(Worker.StopGracePeriod!.TrimEnd('s'), CultureInfo.InvariantCulture), taken.TotalSeconds + 5, taken.TotalSeconds + 30);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^ *--([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Argument();
}
