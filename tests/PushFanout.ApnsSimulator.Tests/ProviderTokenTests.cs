using System.Security.Cryptography;

namespace PushFanout.ApnsSimulator.Tests;

/// <summary>Provider tokens are really verified, and only right ones pass.</summary>
public sealed class ProviderTokenTests
{
    public static TheoryData<string> WrongTokens =>
    [
        "another key's signature", "alg none", "alg HS256", "no kid", "no iss", "no iat", "unknown kid", "another team", "not base64", "two parts", "four parts", "empty",
        "no token", "no object", "a changed claim",
    ];

    public static TheoryData<string> BentTokens =>
        ["DER signature", "padding", "plain base64", "iat as text", "typ in the header", "exp in the claims"];

    [Theory]
    [MemberData(nameof(WrongTokens))]
    public async Task A_wrong_token_is_invalid_however_tolerant_the_simulator(string wrong)
    {
        await using var apns = await Bed.StartAsync(new() { StrictProviderToken = false });
        var signer = apns.Signer;
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var right = signer.Sign().Split('.');
        var token = wrong switch
        {
            "another key's signature" => Signer.New(signer.TeamId, signer.KeyId).Sign(),
            "alg none" => signer.Sign($$"""{"alg":"none","kid":"{{signer.KeyId}}"}""", signer.Claims(now)),
            "alg HS256" => signer.Sign($$"""{"alg":"HS256","kid":"{{signer.KeyId}}"}""", signer.Claims(now)),
            "no kid" => signer.Sign("""{"alg":"ES256"}""", signer.Claims(now)),
            "no iss" => signer.Sign(signer.Header, $$"""{"iat":{{now}}}"""),
            "no iat" => signer.Sign(signer.Header, $$"""{"iss":"{{signer.TeamId}}"}"""),
            "unknown kid" => signer.Sign("""{"alg":"ES256","kid":"UNKNOWN001"}""", signer.Claims(now)),
            "another team" => signer.Sign(signer.Header, $$"""{"iss":"OTHERTEAM1","iat":{{now}}}"""),
            "not base64" => $"{right[0]}.{right[1]}.%%%",
            "two parts" => $"{right[0]}.{right[1]}",
            "four parts" => string.Join('.', right.Append("AAAA")),
            "empty" => "..",
            "no token" => "x",
            "no object" => signer.Sign("[]", "[]"),
            "a changed claim" => $"{right[0]}.{signer.Sign(signer.Header, signer.Claims(now - 1)).Split('.')[1]}.{right[2]}",
            _ => throw new ArgumentOutOfRangeException(nameof(wrong)),
        };
        var answer = await apns.SendAsync(Client.Push(token));
        Assert.Equal((403, "InvalidProviderToken"), (answer.Status, answer.Reason));
    }

    [Theory]
    [MemberData(nameof(BentTokens))]
    public async Task A_bent_token_is_invalid_when_strict_and_good_when_tolerant(string bent)
    {
        foreach (var strict in new[] { true, false })
        {
            await using var apns = await Bed.StartAsync(new() { StrictProviderToken = strict });
            var signer = apns.Signer;
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            var token = bent switch
            {
                "DER signature" => signer.Sign(signer.Header, signer.Claims(now), DSASignatureFormat.Rfc3279DerSequence),
                "padding" => signer.Sign(signer.Header + " ", signer.Claims(now), encode: UrlWithPadding),
                "plain base64" => signer.Sign(signer.Header, signer.Claims(now), encode: Convert.ToBase64String),
                "iat as text" => signer.Sign(signer.Header, $$"""{"iss":"{{signer.TeamId}}","iat":"{{now}}"}"""),
                "typ in the header" => signer.Sign($$"""{"alg":"ES256","kid":"{{signer.KeyId}}","typ":"JWT"}""", signer.Claims(now)),
                "exp in the claims" => signer.Sign(signer.Header, $$"""{"iss":"{{signer.TeamId}}","iat":{{now}},"exp":{{now + 60}}}"""),
                _ => throw new ArgumentOutOfRangeException(nameof(bent)),
            };
            var answer = await apns.SendAsync(Client.Push(token));
            Assert.Equal(strict ? (403, "InvalidProviderToken") : (200, null), (answer.Status, answer.Reason));
        }
    }

    [Theory]
    [InlineData(-3700, "ExpiredProviderToken")]
    [InlineData(-3500, null)]
    [InlineData(3500, null)]
    [InlineData(3700, "InvalidProviderToken")]
    public async Task A_token_is_good_for_an_hour(int issuedInSeconds, string? reason)
    {
        await using var apns = await Bed.StartAsync();
        var token = apns.Signer.Sign(TimeProvider.System.GetUtcNow().AddSeconds(issuedInSeconds));
        Assert.Equal(reason, (await apns.SendAsync(Client.Push(token))).Reason);
    }

    [Fact]
    public async Task A_token_that_was_good_expires_on_the_same_connection()
    {
        var clock = new SettableClock();
        await using var apns = await Bed.StartAsync(new() { TimeProvider = clock });
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        clock.Move(TimeSpan.FromMinutes(61));
        Assert.Equal("ExpiredProviderToken", (await apns.SendAsync(apns.Push())).Reason);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bearer")]
    [InlineData("basic QTpC")]
    public async Task Without_a_bearer_token_it_is_missing(string? authorization)
    {
        await using var apns = await Bed.StartAsync();
        var push = Client.Push(null);
        if (authorization is not null)
        {
            push.Headers.TryAddWithoutValidation("authorization", authorization);
        }
        var answer = await apns.SendAsync(push);
        Assert.Equal((403, "MissingProviderToken"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task A_revoked_key_stops_working_at_once()
    {
        await using var apns = await Bed.StartAsync();
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        Assert.True(apns.Simulator.RemoveKey(apns.Signer.KeyId));
        Assert.Equal("InvalidProviderToken", (await apns.SendAsync(apns.Push())).Reason);
        apns.Simulator.AddKey(apns.Signer.Public);
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
    }

    private static string UrlWithPadding(byte[] bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_');
}
