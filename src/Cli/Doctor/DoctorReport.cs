using System.Text.Json;

namespace PushFanout.Cli.Doctor;

/// <summary>An examination for people or programs.</summary>
internal static class DoctorReport
{
    public static void Write(Screen screen, Examination examination, bool json)
    {
        if (json)
        {
            screen.Line(JsonSerializer.Serialize(
                new
                {
                    findings = examination.Findings.Select(finding => new
                    {
                        code = finding.Kind.Code,
                        severity = Word(finding),
                        subject = finding.Subject,
                        text = finding.Text,
                        fix = finding.Kind.Fix,
                    }),
                    sound = examination.Sound,
                },
                JsonSerializerOptions.Web));
            return;
        }
        foreach (var (subject, text) in examination.Sound)
        {
            screen.Good($"ok       {subject}: {text}");
        }
        foreach (var finding in examination.Findings.OrderByDescending(finding => finding.Kind.Severity))
        {
            screen.Line();
            screen.Bad($"{Word(finding),-8} {finding.Kind.Code}  {finding.Subject}: {finding.Text}");
            screen.Line($"           {finding.Kind.Meaning}");
            screen.Line($"           Fix: {finding.Kind.Fix}");
        }
        var faults = examination.Findings.Count(finding => finding.Kind.Severity == Severity.Fault);
        screen.Line();
        screen.Line(examination.Findings.Count == 0
            ? "Nothing is wrong."
            : $"{Number(faults, "fault")}, {Number(examination.Findings.Count - faults, "warning")}.");
    }

    private static string Number(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    private static string Word(Finding finding) => NotificationSummary.Word(finding.Kind.Severity);
}
