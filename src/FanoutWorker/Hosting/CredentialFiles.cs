using System.Security.Cryptography;

namespace PushFanout.Worker.Hosting;

/// <summary>The files of a credential as a whole: whether one of them has changed.</summary>
internal static class CredentialFiles
{
    /// <summary>A hash of what is in all of them; a file that cannot be read counts as empty.</summary>
    public static byte[] DigestOf(CredentialOptions credential)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in (string?[])[credential.KeyFile, credential.KeyIdFile, credential.CertificateFile, credential.PasswordFile])
        {
            var content = path is not null && ReadableFile.TryRead(path, CredentialRules.MaxFileBytes, secret: false, out var read, out _) ? read : [];
            hash.AppendData(BitConverter.GetBytes(content.Length));
            hash.AppendData(content);
            CryptographicOperations.ZeroMemory(content);
        }
        return hash.GetHashAndReset();
    }
}
