namespace PushFanout.Worker.Hosting;

/// <summary>
/// What a setting means. The page of settings is made from it, from the property's default and from its bounds; a setting without one
/// cannot be documented, and a test says so.
/// </summary>
/// <param name="meaning">Markdown, one line.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string meaning) : Attribute
{
    public string Meaning { get; } = meaning;

    /// <summary>What holds while nothing is given, where that is no value.</summary>
    public string? Unset { get; init; }

    /// <summary>What may be given, where type and bounds do not say it.</summary>
    public string? Allowed { get; init; }
}
