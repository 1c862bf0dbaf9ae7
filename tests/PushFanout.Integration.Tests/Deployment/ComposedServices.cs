using System.Globalization;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>Services of the compose file run as processes of this machine: a named volume is a temporary folder, a port is a free one.</summary>
internal sealed class ComposedServices(ComposeFile file) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly DirectoryInfo _volumes = Directory.CreateTempSubdirectory("pushfanout-compose-");
    private readonly List<ChildProcess> _started = [];

    /// <summary>What the service is told, with paths that exist here.</summary>
    public Dictionary<string, string?> EnvironmentOf(string service) =>
        file.Services[service].Environment.ToDictionary(variable => variable.Key, string? (variable) => Here(service, variable.Value));

    /// <summary>Starts the simulator; returns the port of its control endpoint once it answers.</summary>
    public async Task<int> StartSimulatorAsync()
    {
        var environment = EnvironmentOf("simulator");
        environment["SIMULATOR_LISTEN"] = "127.0.0.1";
        environment["SIMULATOR_PORT"] = environment["SIMULATOR_CONTROL_PORT"] = "0";
        var simulator = Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "pushfanout.dll"), .. file.Services["simulator"].Command], environment);
        var line = await simulator.WaitForLineAsync("control", Patience);
        await simulator.WaitForLineAsync("key id", Patience);
        return new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]).Port;
    }

    /// <summary>Runs a service that ends by itself.</summary>
    public async Task<int> RunAsync(string service)
    {
        var (entrypoint, command) = (file.Services[service].Entrypoint, file.Services[service].Command);
        string[] line = [.. entrypoint, .. command.Select(word => Here(service, word))];
        return await Start(line[0], line[1..], EnvironmentOf(service)).WaitForExitAsync(Patience);
    }

    /// <summary>Runs a service's health check, as the script that the image has, against another port.</summary>
    public async Task<int> CheckHealthAsync(string service, int port)
    {
        string[] check = [.. file.Services[service].Healthcheck!.Test];
        Assert.Equal(["CMD", "healthcheck"], check[..2]);
        return await Start("bash", [RepositoryFiles.PathOf("deploy/healthcheck.sh"), port.ToString(CultureInfo.InvariantCulture), .. check[3..]], [])
            .WaitForExitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            await process.DisposeAsync();
        }
        _volumes.Delete(recursive: true);
    }

    private ChildProcess Start(string program, IEnumerable<string> arguments, Dictionary<string, string?> environment)
    {
        var process = ChildProcess.Start(program, arguments, environment);
        _started.Add(process);
        return process;
    }

    private string Here(string service, string text) =>
        file.Services[service].Mounts.Aggregate(text, (changed, mount) => changed.Replace(mount.Target, FolderOf(mount.Source), StringComparison.Ordinal));

    private string FolderOf(string volume) => _volumes.CreateSubdirectory(volume).FullName;
}
