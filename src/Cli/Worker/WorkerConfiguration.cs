using Microsoft.Extensions.Configuration;

namespace PushFanout.Cli;

/// <summary>Where a worker's settings come from; what is later in the list wins.</summary>
internal static class WorkerConfiguration
{
    private const string DefaultFile = "appsettings.json";

    private static readonly Dictionary<string, string?> QuietLogs = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:MassTransit"] = "Warning",
    };

    /// <param name="file">Must exist when given; otherwise <c>appsettings.json</c> in the working directory, if there is one.</param>
    /// <param name="settings"><c>--Name:Of:Setting=value</c></param>
    /// <exception cref="IOException">The file is not there, or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not JSON; the message says where.</exception>
    public static IConfigurationRoot Read(string? file, IReadOnlyList<string> settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(QuietLogs)
        .AddJsonFile(Path.GetFullPath(file ?? DefaultFile), optional: file is null)
        .AddEnvironmentVariables()
        .AddCommandLine([.. settings])
        .Build();
}
