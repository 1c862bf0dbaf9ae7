namespace PushFanout.Cli.Doctor;

/// <summary>What was looked at, and what was found.</summary>
internal sealed class Examination
{
    private readonly List<Sound> _sound = [];
    private readonly List<Finding> _findings = [];

    public IReadOnlyList<Sound> Sound => _sound;

    public IReadOnlyList<Finding> Findings => _findings;

    public bool HasFault => _findings.Any(finding => finding.Kind.Severity == Severity.Fault);

    public void Fine(string subject, string text) => _sound.Add(new Sound(subject, text));

    public void Find(FindingKind kind, string subject, string text) => _findings.Add(new Finding(kind, subject, text));
}
