using PushFanout.Apns;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli.Doctor;

/// <summary>The files of keys, certificates and passwords: there, readable, by nobody else, and holding what they should.</summary>
internal sealed class CredentialExamination(IReadOnlyDictionary<string, CredentialOptions> credentials, TimeProvider clock)
{
    private static readonly TimeSpan ExpiryWarning = TimeSpan.FromDays(30);

    /// <returns>The credentials that can be used; the caller's to dispose.</returns>
    public CredentialSet Run(Examination examination)
    {
        var files = credentials.SelectMany(FilesOf).ToList();
        var found = new HashSet<string>();
        foreach (var (name, file) in files)
        {
            if (Fault(file) is var (kind, text))
            {
                found.Add(name);
                examination.Find(kind, $"credential {name}", $"{file}: {text}");
            }
        }
        var set = CredentialSet.Load(credentials.Where(credential => !found.Contains(credential.Key) && IsComplete(credential.Value)), clock);
        foreach (var fault in set.Faults)
        {
            examination.Find(FindingKinds.CredentialUnusable, fault.Setting, fault.Text);
        }
        foreach (var (name, credential) in set.ByName)
        {
            if (credential is ClientCertificate { ExpiresAt: var expiry } && expiry - clock.GetUtcNow() < ExpiryWarning)
            {
                examination.Find(FindingKinds.CertificateExpiring, $"credential {name}", $"It expires at {expiry:u}.");
            }
            else
            {
                examination.Fine($"credential {name}", $"{credential}");
            }
        }
        return set;
    }

    private static IEnumerable<(string Name, string File)> FilesOf(KeyValuePair<string, CredentialOptions> credential) =>
        new[] { credential.Value.KeyFile, credential.Value.CertificateFile, credential.Value.PasswordFile }.OfType<string>().Select(file => (credential.Key, file));

    /// <summary>What is not given is a fault of the settings.</summary>
    private static bool IsComplete(CredentialOptions credential) => credential.Kind switch
    {
        CredentialKind.P8 => credential is { TeamId: not null, KeyFile: not null } && (credential.KeyId ?? credential.KeyIdFile) is not null,
        CredentialKind.P12 => credential.CertificateFile is not null,
        _ => false,
    };

    private static (FindingKind Kind, string Text)? Fault(string file)
    {
        try
        {
            using var handle = File.OpenHandle(file);
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & UnixFileMode.OtherRead) != 0
                ? (FindingKinds.CredentialExposed, $"mode {Convert.ToString((int)File.GetUnixFileMode(handle), 8)}")
                : null;
        }
        catch (Exception away) when (away is FileNotFoundException or DirectoryNotFoundException)
        {
            return (FindingKinds.CredentialUnreadable, "it does not exist");
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return (FindingKinds.CredentialUnreadable, $"user {Environment.UserName} cannot read it, or it is a folder");
        }
    }
}
