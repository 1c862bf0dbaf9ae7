using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace PushFanout.ApnsSimulator;

/// <summary>What a provider token proved: who pushes, and since when it is good.</summary>
internal sealed record VerifiedToken(string Text, SimulatorKey Key, long IssuedAt, int KeyRingVersion)
{
    public override string ToString() => $"provider token of key {Key.KeyId}";
}

/// <summary>
/// Verifies provider tokens (ES256). A signature costs far more than a push, so what was found true is remembered; times are
/// looked at on every push.
/// </summary>
internal sealed class ProviderTokenVerifier(KeyRing keys, bool strict, TimeProvider time)
{
    private const int MaxRemembered = 10_000;
    private const long LifetimeSeconds = 3600;
    private readonly ConcurrentDictionary<string, VerifiedToken> remembered = new(StringComparer.Ordinal);

    /// <summary>Finds out whether a token is true, whatever its age; null is a lie or not a token.</summary>
    public VerifiedToken? Verify(string text)
    {
        var version = keys.Version;
        if (remembered.TryGetValue(text, out var known) && known.KeyRingVersion == version)
        {
            return known;
        }
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!ProviderToken.TryRead(bytes, strict, out var token)
            || keys.Find(token.KeyId) is not { } key
            || key.Key.TeamId != token.TeamId
            || !IsSignedBy(key, token))
        {
            return null;
        }
        if (remembered.Count >= MaxRemembered)
        {
            remembered.Clear();
        }
        return remembered[text] = new VerifiedToken(text, key.Key, token.IssuedAt, version);
    }

    /// <summary>The refusal that a true token deserves for its age, or null.</summary>
    public PushReply? RefuseByAge(VerifiedToken token)
    {
        var age = time.GetUtcNow().ToUnixTimeSeconds() - token.IssuedAt;
        return age > LifetimeSeconds ? Refusals.ExpiredProviderToken : age < -LifetimeSeconds ? Refusals.InvalidProviderToken : null;
    }

    public bool IsCurrent(VerifiedToken token) => token.KeyRingVersion == keys.Version;

    private bool IsSignedBy(RegisteredKey key, in ProviderToken token) =>
        (token.Signature.Length == 64 && key.Verifies(token.Signed, token.Signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        || (!strict && key.Verifies(token.Signed, token.Signature, DSASignatureFormat.Rfc3279DerSequence));
}
