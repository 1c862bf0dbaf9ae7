using System.Security.Cryptography;
using System.Text;
using PushFanout.Apns.Credentials;

namespace PushFanout.Apns;

/// <summary>
/// An APNs auth key (<c>.p8</c>). It signs one provider token that all connections of all clients share; the token is renewed
/// every 45 minutes, because APNs refuses one older than an hour and one that changes more than every 20 minutes.
/// </summary>
public sealed class ProviderTokenKey : ApnsCredential
{
    private const int IdLength = 10;
    private readonly ECDsa key;

    private ProviderTokenKey(string teamId, string keyId, ECDsa key, TimeProvider clock)
    {
        TeamId = teamId;
        KeyId = keyId;
        this.key = key;
        Token = new ProviderToken(teamId, keyId, key, clock);
    }

    /// <summary>The team that owns the key, ten characters.</summary>
    public string TeamId { get; }

    /// <summary>The key's own id, ten characters.</summary>
    public string KeyId { get; }

    /// <summary>Provider tokens signed so far: the first and its renewals.</summary>
    public long TokensSigned => Token.Signed;

    internal ProviderToken Token { get; }

    /// <summary>Reads and checks the key; never throws for what is in the file or the ids.</summary>
    /// <param name="teamId">Ten letters or digits, from the Apple developer account.</param>
    /// <param name="keyId">Ten letters or digits, shown where the key was made.</param>
    /// <param name="keyFile">The <c>.p8</c> file: one unencrypted P-256 private key in PKCS#8 PEM, not readable by every user.</param>
    /// <param name="clock">Where the token's age comes from; null means the machine's clock.</param>
    public static ApnsCredentialResult Load(string teamId, string keyId, string keyFile, TimeProvider? clock = null)
    {
        var faults = new List<CredentialFault>();
        CheckId("team id", teamId);
        CheckId("key id", keyId);
        var key = LoadKey(keyFile, out var fault);
        if (key is null)
        {
            faults.Add(new CredentialFault(keyFile, fault));
        }
        if (faults.Count == 0)
        {
            return new ApnsCredentialResult(new ProviderTokenKey(teamId, keyId, key!, clock ?? TimeProvider.System));
        }
        key?.Dispose();
        return new ApnsCredentialResult(faults);

        void CheckId(string name, string id)
        {
            if (id is not { Length: IdLength } || !id.All(char.IsAsciiLetterOrDigit))
            {
                faults.Add(new CredentialFault(keyFile, $"the {name} that belongs to the key must be {IdLength} letters or digits"));
            }
        }
    }

    /// <summary>Names the key by its public id.</summary>
    public override string ToString() => $"provider token key {KeyId} of team {TeamId}";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => key.Dispose();

    private static ECDsa? LoadKey(string path, out string fault)
    {
        var content = SecretFile.Read(path, out fault);
        if (content is null)
        {
            return null;
        }
        var text = GC.AllocateArray<char>(content.Length, pinned: true);
        try
        {
            var length = Encoding.Latin1.GetChars(content, text);
            return Parse(text.AsSpan(0, length), out fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            text.AsSpan().Clear();
        }
    }

    private static bool CanSign(ECDsa key)
    {
        var probe = "a token"u8.ToArray();
        return key.VerifyData(probe, key.SignData(probe, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256);
    }

    private static ECDsa? Parse(ReadOnlySpan<char> pem, out string fault)
    {
        if (!PemEncoding.TryFind(pem, out var fields))
        {
            fault = "the file is not PEM; the .p8 as downloaded from Apple is needed";
            return null;
        }
        fault = pem[fields.Label] switch
        {
            "PRIVATE KEY" => "",
            "ENCRYPTED PRIVATE KEY" => "the key is encrypted; an unencrypted PKCS#8 key is needed",
            "PUBLIC KEY" => "the file holds a public key; the private key is needed",
            "CERTIFICATE" => "the file holds a certificate; the private key is needed",
            _ => "the PEM block is not a PKCS#8 private key (BEGIN PRIVATE KEY)",
        };
        if (fault.Length > 0)
        {
            return null;
        }
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem[fields.Location]);
            fault = key.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value switch // a curve without a name has no id
            {
                "1.2.840.10045.3.1.7" => CanSign(key) ? "" : "what the key signs is not valid under its own public key",
                null => "the key spells its curve out; APNs takes P-256 alone, by its name",
                _ => "the key is not on the curve P-256, the only one APNs takes",
            };
            if (fault.Length == 0)
            {
                return key;
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            fault = "the PEM block is not an elliptic-curve private key";
        }
        key.Dispose();
        return null;
    }
}
