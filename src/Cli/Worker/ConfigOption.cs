using System.CommandLine;
using Microsoft.Extensions.Configuration;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary>The settings of a worker, for commands that look at them: from the same places as a worker has them.</summary>
internal sealed class ConfigOption
{
    private readonly Option<string?> _file = new("--config")
    {
        Description = "A worker's settings as JSON. Default: appsettings.json in the working directory, if there is one. The environment (PushFanout__Name) wins, as for a worker.",
        HelpName = "FILE",
    };

    public void AddTo(Command command) => command.Add(_file);

    public bool IsNamed(ParseResult parsed) => parsed.GetResult(_file) is not null;

    /// <exception cref="UnusableSettingsException">The file is not there, or is not JSON.</exception>
    public IConfigurationRoot Read(ParseResult parsed)
    {
        try
        {
            return WorkerConfiguration.Read(parsed.GetValue(_file), []);
        }
        catch (Exception unreadable) when (unreadable is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            var why = unreadable.InnerException is FormatException { InnerException: { } where } ? where.Message : unreadable.Message;
            throw new UnusableSettingsException([new SettingFault("--config", why)]);
        }
    }

    /// <summary>Whether anything is set at all.</summary>
    public static bool IsGiven(IConfiguration configuration) => configuration.GetSection(PushFanoutOptions.SectionName).Exists();
}
