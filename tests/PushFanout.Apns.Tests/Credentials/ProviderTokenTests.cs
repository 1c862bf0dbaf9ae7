using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Credentials;

public sealed class ProviderTokenTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly FakeClock clock = new();
    private readonly ProviderToken token;

    public ProviderTokenTests() => token = new ProviderToken("TEAM123456", "KEY1234567", key, clock);

    public void Dispose() => key.Dispose();

    [Fact]
    public void It_is_a_signed_token_as_Apple_describes_it()
    {
        var header = HeaderOf(token.Get());

        Assert.StartsWith("bearer ", header, StringComparison.Ordinal);
        var parts = header["bearer ".Length..].Split('.');
        Assert.Equal("""{"alg":"ES256","kid":"KEY1234567"}""", Text(parts[0]));
        Assert.Equal($$"""{"iss":"TEAM123456","iat":{{clock.GetUtcNow().ToUnixTimeSeconds()}}}""", Text(parts[1]));
        var signature = Base64Url.DecodeFromChars(parts[2]);
        Assert.Equal(64, signature.Length);
        Assert.True(key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        Assert.DoesNotContain('=', header);
    }

    [Fact]
    public void It_is_the_same_token_for_45_minutes_and_a_new_one_after()
    {
        var first = token.Get();
        clock.Pass(TimeSpan.FromMinutes(44.9));
        Assert.Same(first, token.Get());

        clock.Pass(TimeSpan.FromMinutes(0.2));
        var second = token.Get();
        Assert.NotEqual(HeaderOf(first), HeaderOf(second));
        Assert.Equal(2, token.Signed);
        Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds(), IssuedAt(second));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_step_of_the_clock_neither_signs_anew_nor_sends_an_expired_token(int hours)
    {
        var trueTime = clock.GetUtcNow();
        var signed = new HashSet<string>();
        for (var minute = 0; minute < 180; minute++)
        {
            if (minute == 10)
            {
                clock.StepWall(hours * Hour);
            }
            var value = token.Get();
            signed.Add(HeaderOf(value));
            Assert.InRange(trueTime.ToUnixTimeSeconds() - IssuedAt(value), 0, (long)TimeSpan.FromMinutes(45).TotalSeconds);
            clock.Pass(TimeSpan.FromMinutes(1));
            trueTime += TimeSpan.FromMinutes(1);
        }
        Assert.Equal(4, signed.Count); // at 0, 45, 90, 135 minutes
    }

    [Fact]
    public void When_APNs_calls_a_young_token_expired_it_stays()
    {
        var first = token.Get();
        clock.Pass(TimeSpan.FromMinutes(19));
        token.Expired(first);
        Assert.Same(first, token.Get());
    }

    [Fact]
    public void When_APNs_calls_it_expired_after_20_minutes_it_is_renewed_once_and_by_the_wall_clock()
    {
        var first = token.Get();
        clock.StepWall(Hour); // the clock was an hour late when the process started, and has been put right
        clock.Pass(TimeSpan.FromMinutes(21));
        token.Expired(first);
        var second = token.Get();
        token.Expired(first); // pushes that carried the old one still come back
        token.Expired(second); // too young

        Assert.Same(second, token.Get());
        Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds(), IssuedAt(second));
    }

    [Fact]
    public void After_the_machine_slept_an_expired_token_is_renewed_though_its_monotonic_clock_stood_still()
    {
        var first = token.Get();
        clock.StepWall(TimeSpan.FromHours(8));
        token.Expired(first);
        Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds(), IssuedAt(token.Get()));
    }

    [Theory]
    [InlineData(-2)] // the clock was ahead when the process started, and has been put right
    [InlineData(2)]
    public void When_APNs_calls_it_invalid_after_a_step_of_the_clock_it_is_signed_anew_once_and_by_the_wall_clock(int hours)
    {
        var first = token.Get();
        clock.StepWall(hours * Hour);

        var second = token.Invalid(first);

        Assert.Same(second, token.Get());
        Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds(), IssuedAt(second!));
        Assert.Same(second, token.Invalid(first)); // pushes that carried the old one still come back
        Assert.Null(token.Invalid(second!));
        Assert.Equal(2, token.Signed);
    }

    [Fact]
    public void When_APNs_calls_it_invalid_and_the_clock_is_as_it_was_it_stays()
    {
        var first = token.Get();
        clock.Pass(TimeSpan.FromMinutes(30));
        clock.StepWall(TimeSpan.FromMinutes(1)); // as clocks do

        Assert.Null(token.Invalid(first));
        Assert.Same(first, token.Get());
    }

    [Fact]
    public void Many_threads_get_one_token()
    {
        var seen = new HashSet<ProviderTokenValue>(ReferenceEqualityComparer.Instance);
        Parallel.For(0, 200, _ =>
        {
            var value = token.Get();
            lock (seen)
            {
                seen.Add(value);
            }
        });
        Assert.Single(seen);
    }

    [Fact]
    public void Its_text_does_not_show_it() => Assert.DoesNotContain("ey", token.Get().ToString(), StringComparison.Ordinal);

    private static string HeaderOf(ProviderTokenValue value) => Encoding.ASCII.GetString(value.Header.Span);

    private static string Text(string part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));

    private static long IssuedAt(ProviderTokenValue value)
    {
        using var claims = JsonDocument.Parse(Text(HeaderOf(value).Split('.')[1]));
        return claims.RootElement.GetProperty("iat").GetInt64();
    }
}
