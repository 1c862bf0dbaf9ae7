using System.Net.Security;
using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Transport;

/// <summary>
/// A conversation of three pushes that ends after each of its bytes in turn, the client's and the server's: each push has one answer, it is never said to be
/// unprocessed when the server had it, and the server never has it twice.
/// </summary>
public sealed class CutTests : IDisposable
{
    private const int Whole = int.MaxValue;
    private static readonly ParallelOptions ManyAtOnce = new() { MaxDegreeOfParallelism = 128 };

    private readonly TestAuthority authority = new();
    private readonly SslServerAuthenticationOptions tls;
    private readonly ProviderTokenKey key = TestKey.New();
    private readonly ReadOnlyMemory<byte>[] tokens = Pushes.Tokens(3);

    public CutTests()
    {
        tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(authority.Issue("localhost"), null, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        };
    }

    public void Dispose()
    {
        key.Dispose();
        authority.Dispose();
    }

    [Fact]
    public async Task Cut_after_each_byte_that_the_client_sends()
    {
        var (read, _) = await ConverseAsync(Whole, Whole);

        await Parallel.ForEachAsync(Enumerable.Range(0, read), ManyAtOnce, async (bytes, _) => await ConverseAsync(bytes, Whole));
    }

    [Fact]
    public async Task Cut_after_each_byte_that_the_server_sends()
    {
        var (_, written) = await ConverseAsync(Whole, Whole);

        await Parallel.ForEachAsync(Enumerable.Range(0, written), ManyAtOnce, async (bytes, _) => await ConverseAsync(Whole, bytes));
    }

    private async Task<(int Read, int Written)> ConverseAsync(int mayRead, int mayWrite)
    {
        await using var apns = new CutApns(tls, mayRead, mayWrite);
        var whole = (mayRead, mayWrite) == (Whole, Whole);
        // A connection that was of no use is not followed by another one for a second: nobody waits for that.
        var client = NewClient(apns, TimeSpan.FromSeconds(whole ? 30 : 0.5));
        var answers = await Task.WhenAll(tokens.Select((token, i) => client.SendAsync(NewPush(i), token, default, CancellationToken.None).AsTask()))
            .WaitAsync(TimeSpan.FromSeconds(60));
        var bytes = apns.Bytes;
        await client.DisposeAsync();

        var had = tokens.Select((_, i) => apns.Received.Count(body => body == '0' + i)).ToArray();
        var story = $"read {mayRead}, written {mayWrite}: {string.Join(", ", answers.Zip(had, (answer, times) => $"{answer.Answer} {answer.Reason} at {times}"))}";
        Assert.True(had.All(times => times <= 1), story);
        Assert.True(answers.Index().All(answer => IsTrue(answer.Item, answer.Index == 1, had[answer.Index] == 1)), story);
        Assert.True(!whole || answers.All(answer => answer.Answer is Answer.Accepted or Answer.Unregistered), story);
        return bytes;
    }

    private static bool IsTrue(PushAnswer answer, bool gone, bool had) => answer.Answer switch
    {
        Answer.Accepted => had && !gone,
        Answer.Unregistered => had && gone,
        Answer.Transient => had && gone && answer is { Reason: ApnsReason.UnreadableAnswer, Status: 410 }, // its body is what was cut
        Answer.Unprocessed => !had,
        Answer.Ambiguous => true,
        _ => false,
    };

    private ApnsClient NewClient(CutApns apns, TimeSpan startTimeout) => new(key, new ApnsClientOptions
    {
        Environment = ApnsEnvironment.Production,
        EndpointOverride = apns.Endpoint,
        TrustedRoots = authority.Roots,
        MaxConnections = 1,
        StartTimeout = startTimeout,
    });

    private static ApnsNotification NewPush(int number) => new()
    {
        Payload = new[] { (byte)('0' + number) },
        Topic = "com.example.shop",
        PushType = "alert",
    };
}
