using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli.Doctor;

/// <summary>The settings as a worker reads them.</summary>
internal static partial class SettingsExamination
{
    /// <returns>The settings as far as they can be understood: what is wrong with some must not hide what is wrong elsewhere.</returns>
    public static PushFanoutOptions Run(IConfiguration configuration, Examination examination)
    {
        var read = PushFanoutOptionsReader.Read(configuration);
        foreach (var fault in read.Faults.Where(fault => !IsOfCredentialFile(fault, configuration))) // those have codes of their own
        {
            examination.Find(FindingKinds.SettingsInvalid, fault.Setting, fault.Text);
        }
        if (read.IsValid)
        {
            examination.Fine("settings", $"apps: {read.Options.Apps.Count}, credentials: {read.Options.Credentials.Count}");
            return read.Options;
        }
        var known = new SettingFaults();
        var options = new SettingsBinder(known).Bind<PushFanoutOptions>(configuration.GetSection(PushFanoutOptions.SectionName));
        AppRules.Check(options, known); // adds the apps of AppsDirectory
        return options;
    }

    /// <summary>Whether it is about a file that is named, not about the naming.</summary>
    private static bool IsOfCredentialFile(SettingFault fault, IConfiguration configuration) =>
        CredentialFile().IsMatch(fault.Setting) && configuration[fault.Setting] is { Length: > 0 } file && fault.Text.StartsWith(file, StringComparison.Ordinal);

    [GeneratedRegex("^PushFanout:Credentials:[^:]+:(KeyFile|CertificateFile|PasswordFile)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CredentialFile();
}
