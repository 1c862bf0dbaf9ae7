using System.Text;
using PushFanout.Apns;

namespace PushFanout.Worker.Hosting;

/// <summary>The credentials of the options, loaded from their files. One per process: a provider token must be shared by everything that uses its key.</summary>
internal sealed class CredentialSet : IDisposable
{
    private const int MaxKeyIdFileBytes = 64;

    private readonly Dictionary<string, ApnsCredential> _byName = [];
    private readonly SettingFaults _faults = new();

    private CredentialSet()
    {
    }

    /// <summary>By the name that an app's <see cref="AppOptions.Credential"/> refers to; those with faults are missing.</summary>
    public IReadOnlyDictionary<string, ApnsCredential> ByName => _byName;

    /// <summary>Everything that is wrong; options that <see cref="PushFanoutOptionsReader"/> accepted have none unless a file changed since.</summary>
    public IReadOnlyList<SettingFault> Faults => _faults.All;

    public static CredentialSet Load(IEnumerable<KeyValuePair<string, CredentialOptions>> credentials, TimeProvider? clock = null)
    {
        var set = new CredentialSet();
        foreach (var (name, credential) in credentials)
        {
            set.Load(name, credential, clock);
        }
        return set;
    }

    public void Dispose()
    {
        foreach (var credential in _byName.Values)
        {
            credential.Dispose();
        }
    }

    private void Load(string name, CredentialOptions options, TimeProvider? clock)
    {
        SecretText? password = null;
        if (options.PasswordFile is { } file)
        {
            password = SecretText.TryRead(file, out var fault);
            if (password is null)
            {
                _faults.Add($"Credentials:{name}:PasswordFile", $"{file}: {fault}");
                return;
            }
        }
        var isKey = options.Kind == CredentialKind.P8;
        var keyId = options.KeyId ?? "";
        if (options.KeyIdFile is { } idFile)
        {
            if (!ReadableFile.TryRead(idFile, MaxKeyIdFileBytes, secret: false, out var content, out var fault))
            {
                _faults.Add($"Credentials:{name}:KeyIdFile", $"{idFile}: {fault}");
                return;
            }
            keyId = Encoding.ASCII.GetString(content).Trim();
        }
        var result = isKey
            ? ProviderTokenKey.Load(options.TeamId ?? "", keyId, options.KeyFile ?? "", clock)
            : ClientCertificate.Load(options.CertificateFile ?? "", password?.Reveal(), clock);
        if (result.IsUsable)
        {
            _byName.Add(name, result.Credential);
        }
        foreach (var fault in result.Faults)
        {
            _faults.Add($"Credentials:{name}:{(isKey ? nameof(options.KeyFile) : nameof(options.CertificateFile))}", fault.ToString());
        }
    }
}
