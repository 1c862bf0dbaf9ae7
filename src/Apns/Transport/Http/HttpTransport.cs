using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Text;
using PushFanout.Apns.Sending;

namespace PushFanout.Apns.Transport.Http;

/// <summary>
/// A connection by <see cref="SocketsHttpHandler"/>. The handler gets one stream, made outside; when it asks for a second one the
/// first is gone, and so is this transport.
/// </summary>
internal sealed class HttpTransport : ApnsTransport
{
    private const long RefusedStream = 7;
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Uri endpoint;
    private readonly TimeProvider clock;
    private readonly HttpMessageInvoker invoker;
    private readonly ConcurrentQueue<HttpExchange> spare = new();
    private SslStream? stream;
    private int ended;

    public HttpTransport(SslStream stream, Uri endpoint, TimeProvider clock)
    {
        this.stream = stream;
        this.endpoint = endpoint;
        this.clock = clock;
        invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => TakeStream(),
            EnableMultipleHttp2Connections = false,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            KeepAlivePingDelay = PingEvery,
            KeepAlivePingTimeout = PingEvery,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            MaxResponseHeadersLength = 16,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            // No activity per request: its url.full would carry the device token into a trace.
            ActivityHeadersPropagator = null,
        });
    }

    public override int? PeerStreamLimit => null;

    public override void Begin(Push push)
    {
        if (!spare.TryDequeue(out var exchange))
        {
            exchange = new HttpExchange(endpoint);
        }
        exchange.Prepare(push);
        push.Exchange = exchange;
        if (push.Stage == PushStage.Withdrawn)
        {
            exchange.GiveUp(); // withdrawn before there was an exchange to give up
        }
        _ = RunAsync(push, exchange); // ends in Finish, whatever happens
    }

    public override void GiveUp(Push push) => (push.Exchange as HttpExchange)?.GiveUp();

    public override void Dispose()
    {
        invoker.Dispose();
        Interlocked.Exchange(ref stream, null)?.Dispose(); // no push ever asked for it
    }

    private async Task RunAsync(Push push, HttpExchange exchange)
    {
        var end = ExchangeEnd.Answered;
        var body = BodyEnd.Complete;
        var status = 0;
        TimeSpan? retryAfter = null;
        try
        {
            var sending = invoker.SendAsync(exchange.Request, exchange.GivenUp);
            if (sending.IsCompleted)
            {
                await Task.Yield(); // no result from within Begin
            }
            using var response = await sending;
            push.StatusArrived();
            status = (int)response.StatusCode;
            retryAfter = RetryAfterOf(response);
            if (status != 200)
            {
                body = await exchange.ReadContentAsync(response);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            await Task.Yield();
            end = EndOf(push, e);
        }
        var result = new ExchangeResult { End = end, Status = status, Body = body, Content = exchange.Content, RetryAfter = retryAfter };
        if (push.Finish(result) && exchange.CanBeUsedAgain)
        {
            spare.Enqueue(exchange);
        }
    }

    private ExchangeEnd EndOf(Push push, Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is ConnectionUsedException)
            {
                // The handler wanted to send the push on a second connection: it does so only with a request that was never
                // sent, was refused, or was above GOAWAY's last stream.
                return ExchangeEnd.NotSent;
            }
        }
        if (failure is HttpRequestException { InnerException: HttpProtocolException { ErrorCode: RefusedStream } cause }
            && failure.Message != cause.Message)
        {
            // A refused stream that the handler has tried again and given up on: it says so in a sentence of its own. The same
            // code from a GOAWAY, which proves nothing about streams below its last one, comes with the sentence of its cause.
            return ExchangeEnd.Refused;
        }
        if (push.Stage is PushStage.Written or PushStage.Overdue)
        {
            return ExchangeEnd.Lost;
        }
        if (push.Stage == PushStage.Begun)
        {
            SignalEnd();
        }
        return ExchangeEnd.NotSent;
    }

    private ValueTask<Stream> TakeStream()
    {
        if (Interlocked.Exchange(ref stream, null) is { } only)
        {
            return ValueTask.FromResult<Stream>(only);
        }
        SignalEnd();
        throw new ConnectionUsedException();
    }

    private void SignalEnd()
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            Ended?.Invoke();
        }
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - clock.GetUtcNow() : null);
        return wait > LongestWait ? LongestWait : wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>The one connection of this transport is used up.</summary>
    private sealed class ConnectionUsedException() : IOException("The connection ended.");
}
