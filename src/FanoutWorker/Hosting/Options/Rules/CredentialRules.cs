namespace PushFanout.Worker.Hosting;

/// <summary>Each credential has what its kind needs, nothing of the other kind, and can be loaded.</summary>
internal static class CredentialRules
{
    /// <summary>Most bytes of a key or certificate file.</summary>
    public const int MaxFileBytes = 64 * 1024;

    public static void Check(PushFanoutOptions options, SettingFaults faults, TimeProvider? clock)
    {
        foreach (var (name, credential) in options.Credentials)
        {
            var isKey = credential.Kind == CredentialKind.P8;
            if (credential.Kind is null)
            {
                continue;
            }
            Belongs(nameof(credential.TeamId), credential.TeamId, isKey);
            Belongs(nameof(credential.KeyId), credential.KeyId ?? credential.KeyIdFile, isKey);
            if (credential is { KeyId: not null, KeyIdFile: not null })
            {
                faults.Add($"Credentials:{name}:KeyIdFile", "must not be given together with KeyId");
            }
            Belongs(nameof(credential.KeyFile), credential.KeyFile, isKey);
            Belongs(nameof(credential.CertificateFile), credential.CertificateFile, !isKey);
            if (isKey && credential.PasswordFile is not null)
            {
                faults.Add($"Credentials:{name}:PasswordFile", "belongs to the other kind of credential");
            }

            // A fault beside the file must not hide that the file is not there.
            var file = isKey ? credential.KeyFile : credential.CertificateFile;
            if (faults.Concerns($"Credentials:{name}"))
            {
                if (file is not null && !ReadableFile.TryRead(file, MaxFileBytes, secret: true, out _, out var fault))
                {
                    faults.Add($"Credentials:{name}:{(isKey ? "KeyFile" : "CertificateFile")}", $"{file}: {fault}");
                }
                continue;
            }
            using var loaded = CredentialSet.Load([new(name, credential)], clock);
            foreach (var loadFault in loaded.Faults)
            {
                faults.AddAt(loadFault.Setting, loadFault.Text);
            }

            void Belongs(string setting, string? value, bool belongs)
            {
                if (belongs == value is not null || faults.Concerns($"Credentials:{name}:{setting}"))
                {
                    return;
                }
                faults.Add($"Credentials:{name}:{setting}", belongs
                    ? $"is required with the kind {(isKey ? "p8" : "p12")}"
                    : "belongs to the other kind of credential");
            }
        }
    }
}
