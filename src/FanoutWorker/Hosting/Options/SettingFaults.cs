using Microsoft.Extensions.Configuration;

namespace PushFanout.Worker.Hosting;

/// <summary>Collects what is wrong, so that an operator sees it all at once.</summary>
internal sealed class SettingFaults
{
    private readonly List<SettingFault> _faults = [];

    public IReadOnlyList<SettingFault> All => _faults;

    /// <param name="setting">The path below the root, for example <c>Redis:Endpoints</c>.</param>
    /// <param name="text">What is wrong, and what would be right.</param>
    public void Add(string setting, string text) => AddAt(ConfigurationPath.Combine(PushFanoutOptions.SectionName, setting), text);

    /// <param name="path">The whole path.</param>
    /// <param name="text">What is wrong, and what would be right.</param>
    public void AddAt(string path, string text) => _faults.Add(new SettingFault(path, text));

    /// <summary>Whether the setting, or one inside it, is known to be wrong: rules that need it are not looked at then.</summary>
    public bool Concerns(string setting)
    {
        var path = ConfigurationPath.Combine(PushFanoutOptions.SectionName, setting);
        return _faults.Any(fault => fault.Setting.StartsWith(path, StringComparison.OrdinalIgnoreCase)
            && (fault.Setting.Length == path.Length || fault.Setting[path.Length] == ConfigurationPath.KeyDelimiter[0]));
    }
}
