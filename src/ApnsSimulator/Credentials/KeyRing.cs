using System.Collections.Immutable;
using System.Security.Cryptography;

namespace PushFanout.ApnsSimulator;

/// <summary>The provider keys that the simulator knows right now.</summary>
internal sealed class KeyRing
{
    private ImmutableDictionary<string, RegisteredKey> keys = ImmutableDictionary<string, RegisteredKey>.Empty;
    private int version;

    /// <summary>Changes whenever a key comes or goes: what was verified under an older version has to be verified again.</summary>
    public int Version => Volatile.Read(ref version);

    public void Add(SimulatorKey key)
    {
        var registered = new RegisteredKey(key);
        ImmutableInterlocked.AddOrUpdate(ref keys, key.KeyId, registered, (_, _) => registered);
        Interlocked.Increment(ref version);
    }

    public bool Remove(string keyId)
    {
        var removed = ImmutableInterlocked.TryRemove(ref keys, keyId, out _);
        Interlocked.Increment(ref version);
        return removed;
    }

    public RegisteredKey? Find(string keyId) => keys.GetValueOrDefault(keyId);
}

/// <summary>A known key, ready to verify with.</summary>
internal sealed class RegisteredKey
{
    private readonly ECDsa publicKey = ECDsa.Create();

    public RegisteredKey(SimulatorKey key)
    {
        Key = key;
        publicKey.ImportSubjectPublicKeyInfo(key.PublicKey.Span, out _);
        if (publicKey.KeySize != 256)
        {
            throw new ArgumentException($"Key {key.KeyId} is not on the curve P-256.", nameof(key));
        }
    }

    public SimulatorKey Key { get; }

    public bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature, DSASignatureFormat format)
    {
        lock (publicKey)
        {
            return publicKey.VerifyData(signed, signature, HashAlgorithmName.SHA256, format);
        }
    }
}
