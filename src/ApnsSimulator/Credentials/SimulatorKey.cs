using System.Security.Cryptography;

namespace PushFanout.ApnsSimulator;

/// <summary>In which environment a provider key is good.</summary>
public enum KeyScope
{
    /// <summary>In both, as all keys were before 2025.</summary>
    Both,
    /// <summary>In production only.</summary>
    Production,
    /// <summary>In the sandbox only.</summary>
    Sandbox,
}

/// <summary>The public half of a provider key, and what it may do.</summary>
public sealed class SimulatorKey
{
    /// <summary>The team that owns the key: 10 characters.</summary>
    public required string TeamId { get; init; }
    /// <summary>The key's id: 10 characters.</summary>
    public required string KeyId { get; init; }
    /// <summary>The public key as SubjectPublicKeyInfo (DER).</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }
    /// <summary>In which environment the key is good.</summary>
    public KeyScope Scope { get; init; }
    /// <summary>Bundle ids that the key may push to; null is all of them.</summary>
    public IReadOnlySet<string>? Topics { get; init; }
    /// <summary>The one other key that may be used on a connection that this key opened.</summary>
    public string? RelatedKeyId { get; init; }

    /// <summary>A team key for every topic and both environments. <paramref name="key"/> may hold the private half or not; only the public one is taken.</summary>
    public static SimulatorKey From(ECDsa key, string teamId, string keyId)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new() { TeamId = teamId, KeyId = keyId, PublicKey = key.ExportSubjectPublicKeyInfo() };
    }

    /// <summary>Reads a <c>.p8</c> file, PKCS#8 in PEM, and takes its public half.</summary>
    public static SimulatorKey FromP8File(string path, string teamId, string keyId)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        return From(key, teamId, keyId);
    }

    /// <summary>Makes a new key pair and writes it as <c>.p8</c>, readable by the owner only.</summary>
    public static SimulatorKey CreateP8File(string path, string teamId, string keyId)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SecretFile.Write(path, key.ExportPkcs8PrivateKeyPem());
        return From(key, teamId, keyId);
    }
}
