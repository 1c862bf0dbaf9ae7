namespace PushFanout.Cli.Doctor;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    /// <summary>Pushes go out, but something asks for attention.</summary>
    Warning,
    /// <summary>Something does not work, or will lose devices.</summary>
    Fault,
}

/// <summary>A kind of finding. The code never changes its meaning; runbooks and scripts may rely on it.</summary>
/// <param name="Code">Lower-case words.</param>
/// <param name="Meaning">What it is, for the reference.</param>
/// <param name="Fix">What to do about it.</param>
internal sealed record FindingKind(string Code, Severity Severity, string Meaning, string Fix);

/// <summary>Something that is wrong.</summary>
/// <param name="Subject">Which server, file, app or queue.</param>
/// <param name="Text">What was seen.</param>
internal sealed record Finding(FindingKind Kind, string Subject, string Text);

/// <summary>Something that was looked at and is as it should be.</summary>
internal sealed record Sound(string Subject, string Text);
