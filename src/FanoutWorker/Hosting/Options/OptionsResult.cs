using System.Diagnostics.CodeAnalysis;

namespace PushFanout.Worker.Hosting;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Setting">The full path, for example <c>PushFanout:Apps:shop-ios:Topic</c>.</param>
/// <param name="Text">What is wrong, and what would be right; never the text that was given, which may be a secret in the wrong place.</param>
internal sealed record SettingFault(string Setting, string Text)
{
    public override string ToString() => $"{Setting}: {Text}";
}

/// <summary>The options, or everything that is wrong with them.</summary>
internal sealed class OptionsResult
{
    public OptionsResult(PushFanoutOptions options) => Options = options;

    public OptionsResult(IReadOnlyList<SettingFault> faults) => Faults = faults;

    /// <summary>Null when there are faults.</summary>
    public PushFanoutOptions? Options { get; }

    public IReadOnlyList<SettingFault> Faults { get; } = [];

    [MemberNotNullWhen(true, nameof(Options))]
    public bool IsValid => Options is not null;
}
