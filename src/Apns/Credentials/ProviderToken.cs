using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PushFanout.Apns.Credentials;

/// <summary>The value of the <c>authorization</c> header while one token is in use.</summary>
internal sealed class ProviderTokenValue(string header, long number, long signedAt, DateTimeOffset issuedAt)
{
    /// <summary>Ready for the wire.</summary>
    public ReadOnlyMemory<byte> Header { get; } = Encoding.ASCII.GetBytes(header);

    /// <summary>The how many-th of its key. Of two tokens it says which is newer also when a sleep has made them equally old.</summary>
    public long Number { get; } = number;

    /// <summary>Monotonic timestamp of the signing.</summary>
    public long SignedAt { get; } = signedAt;

    /// <summary>The token's <c>iat</c>.</summary>
    public DateTimeOffset IssuedAt { get; } = issuedAt;

    public override string ToString() => $"provider token issued {IssuedAt:u}";
}

/// <summary>
/// The one provider token of a key. Its age is monotonic, so a step of the clock neither signs anew nor lets it get too old; only
/// when APNs itself calls it expired, or invalid, is the wall clock believed again.
/// </summary>
internal sealed class ProviderToken
{
    /// <summary>APNs refuses a token after 60 minutes; a quarter of that is left for clocks that differ.</summary>
    public static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(45);

    /// <summary>APNs answers <c>TooManyProviderTokenUpdates</c> to a token that changes faster.</summary>
    public static readonly TimeSpan MinimumAge = TimeSpan.FromMinutes(20);

    /// <summary>Clocks of servers differ by less, and no token is refused for that.</summary>
    private static readonly TimeSpan OrdinaryDrift = TimeSpan.FromMinutes(5);

    private readonly Lock signing = new();
    private readonly ECDsa key;
    private readonly TimeProvider clock;
    private readonly string issuer;
    private readonly string header;
    private DateTimeOffset anchor;
    private long anchoredAt;
    private volatile ProviderTokenValue? current;
    private long signed;
    private long lastMisdated; // the number of a token

    public ProviderToken(string teamId, string keyId, ECDsa key, TimeProvider clock)
    {
        this.key = key;
        this.clock = clock;
        issuer = teamId;
        header = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","kid":"{{keyId}}"}"""));
        anchor = clock.GetUtcNow();
        anchoredAt = clock.GetTimestamp();
    }

    /// <summary>How many were signed so far.</summary>
    public long Signed => Volatile.Read(ref signed);

    /// <summary>The token to send now. Signs when there is none or it is due; while one thread signs, the others go on with the old one.</summary>
    public ProviderTokenValue Get()
    {
        var value = current;
        if (value is not null && clock.GetElapsedTime(value.SignedAt) < RenewAfter)
        {
            return value;
        }
        if (value is null)
        {
            lock (signing)
            {
                return current ??= Sign();
            }
        }
        if (!signing.TryEnter())
        {
            return value;
        }
        try
        {
            return ReferenceEquals(current, value) ? current = Sign() : current!;
        }
        finally
        {
            signing.Exit();
        }
    }

    /// <summary>
    /// APNs called <paramref name="refused"/> expired: our idea of the time is wrong. Takes the wall clock's word and signs anew,
    /// unless that is done already or the token changed less than 20 minutes ago.
    /// </summary>
    /// <returns>The token to send from now on.</returns>
    public ProviderTokenValue Expired(ProviderTokenValue refused)
    {
        lock (signing)
        {
            if (current is { } other && !ReferenceEquals(other, refused))
            {
                return other;
            }
            // A machine that slept has a monotonic clock that stood still: its wall clock may prove the 20 minutes as well.
            var now = clock.GetUtcNow();
            if (clock.GetElapsedTime(refused.SignedAt) < MinimumAge && now - refused.IssuedAt < MinimumAge)
            {
                return refused;
            }
            return current = SignBy(now);
        }
    }

    /// <summary>
    /// APNs called <paramref name="refused"/> invalid, which it says of one from the future as well: the wall clock may have been ahead when it was last believed. If it
    /// has been put right since, it is believed again and signs anew.
    /// </summary>
    /// <returns>The token to send instead; null when there is nothing wrong with the date of the refused one that we know of.</returns>
    public ProviderTokenValue? Invalid(ProviderTokenValue refused)
    {
        lock (signing)
        {
            var now = clock.GetUtcNow();
            if (ReferenceEquals(current, refused) && (now - Now).Duration() > OrdinaryDrift)
            {
                lastMisdated = refused.Number;
                current = SignBy(now);
            }
            return refused.Number <= lastMisdated ? current : null;
        }
    }

    /// <summary>The time as the tokens have it: the wall clock's when it was last believed, and what has passed since.</summary>
    private DateTimeOffset Now => anchor + clock.GetElapsedTime(anchoredAt);

    private ProviderTokenValue SignBy(DateTimeOffset wallClock)
    {
        anchor = wallClock;
        anchoredAt = clock.GetTimestamp();
        return Sign();
    }

    private ProviderTokenValue Sign()
    {
        var now = Now;
        var claims = $$"""{"iss":"{{issuer}}","iat":{{now.ToUnixTimeSeconds()}}}""";
        var content = $"{header}.{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(claims))}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var number = Interlocked.Increment(ref signed);
        return new ProviderTokenValue($"bearer {content}.{Base64Url.EncodeToString(signature)}", number, clock.GetTimestamp(), now);
    }
}
