using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>
/// <c>docker-compose.yml</c>, as far as it is used. Strict: a key that is not here, or is there twice, fails the reading, since
/// Docker would either refuse it or, worse, not do what was meant.
/// </summary>
internal sealed class ComposeFile
{
    public string Name { get; init; } = "";
    public Dictionary<string, ComposeService> Services { get; init; } = [];
    public Dictionary<string, object?> Volumes { get; init; } = [];

    public static ComposeFile Read() => new DeserializerBuilder()
        .WithNamingConvention(UnderscoredNamingConvention.Instance)
        .WithDuplicateKeyChecking()
        .Build()
        .Deserialize<ComposeFile>(File.ReadAllText(RepositoryFiles.PathOf("docker-compose.yml")));
}

internal sealed class ComposeService
{
    /// <summary>Empty: it is started always; else when one of these is asked for.</summary>
    public List<string> Profiles { get; init; } = [];
    public string Image { get; init; } = "";
    public string? PullPolicy { get; init; }
    public ComposeBuild? Build { get; init; }
    public string? Hostname { get; init; }
    public List<string> Entrypoint { get; init; } = [];
    public List<string> Command { get; init; } = [];
    public Dictionary<string, string> Environment { get; init; } = [];
    public List<string> Ports { get; init; } = [];
    public List<string> Volumes { get; init; } = [];
    public List<string> Tmpfs { get; init; } = [];
    public List<string> CapDrop { get; init; } = [];
    public bool ReadOnly { get; init; }
    public string? StopGracePeriod { get; init; }
    public string? Restart { get; init; }
    public ComposeHealthCheck? Healthcheck { get; init; }
    public ComposeDeploy? Deploy { get; init; }
    public Dictionary<string, ComposeDependency> DependsOn { get; init; } = [];

    /// <summary>Where the volumes lie: source, and the path in the container.</summary>
    public IEnumerable<(string Source, string Target)> Mounts => Volumes.Select(volume => volume.Split(':')).Select(parts => (parts[0], parts[1]));

    /// <summary>Those of <see cref="Mounts"/> that are files of the repository; the others are volumes of Docker's.</summary>
    public IEnumerable<(string Source, string Target)> Files => Mounts.Where(mount => mount.Source.StartsWith("./", StringComparison.Ordinal));

    /// <summary>What is open on the machine: address, and the port in the container.</summary>
    public IEnumerable<(string Address, int Port)> OpenPorts =>
        Ports.Select(port => port.Split(':')).Select(parts => (parts[0], int.Parse(parts[^1], System.Globalization.CultureInfo.InvariantCulture)));
}

internal sealed class ComposeBuild
{
    public string Context { get; init; } = "";
    public string Dockerfile { get; init; } = "";
}

internal sealed class ComposeHealthCheck
{
    public List<string> Test { get; init; } = [];
    public string? Interval { get; init; }
    public string? Timeout { get; init; }
    public int? Retries { get; init; }
}

internal sealed class ComposeDeploy
{
    public int Replicas { get; init; }
}

internal sealed class ComposeDependency
{
    public string Condition { get; init; } = "";
}
