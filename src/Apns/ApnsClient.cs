using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using PushFanout.Apns.Sending;

namespace PushFanout.Apns;

/// <summary>
/// Sends pushes of one credential to one APNs environment; one per process and credential, shared by all threads. Disposing it
/// waits for answers under way up to their deadline.
/// </summary>
public sealed class ApnsClient : IAsyncDisposable
{
    private const int MaxTokenBytes = 100;

    private readonly PushPump pump;
    private readonly ConcurrentQueue<SinglePush> spareSingles = new();
    private readonly Action<object?> stop;

    /// <summary>Makes a client; nothing is connected before the first push.</summary>
    /// <param name="credential">Stays the caller's, and must outlive the client.</param>
    /// <param name="options">Checked here: see <see cref="ApnsClientOptions.Validate"/>.</param>
    /// <param name="clock">For deadlines and ages; null means the machine's clock.</param>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public ApnsClient(ApnsCredential credential, ApnsClientOptions options, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(credential);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join(' ', faults), nameof(options));
        }
        Server = options.Endpoint.Host;
        pump = new PushPump(credential, options, clock ?? TimeProvider.System);
        stop = list => pump.Stop((PushList)list!);
    }

    /// <summary>The host that it sends to.</summary>
    public string Server { get; }

    /// <summary>How the client is doing right now.</summary>
    public ApnsClientStatistics Statistics => pump.Statistics;

    /// <summary>Sends one push. Never throws for what the network or APNs does: that is the answer.</summary>
    /// <param name="notification">What to send.</param>
    /// <param name="token">The device token's bytes, 1–100; the memory must stay as it is until the answer.</param>
    /// <param name="options">How to send.</param>
    /// <param name="stopping">
    /// Once it fires nothing new is written: a push not yet written is <see cref="Answer.Unprocessed"/>; one written still gets its answer.
    /// </param>
    /// <exception cref="ArgumentException">The token is empty or longer than 100 bytes.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<PushAnswer> SendAsync(
        ApnsNotification notification, ReadOnlyMemory<byte> token, ApnsSendOptions options, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(notification);
        CheckToken(token.Length, nameof(token));
        if (!spareSingles.TryDequeue(out var single))
        {
            single = new SinglePush();
        }
        single.Prepare(notification, token, options);
        PushAnswer answer;
        // The end of the block waits for a stop that is under way, so that none can reach the push's successor.
        await using (StopWith(single.List, stopping))
        {
            pump.Submit(single.List);
            answer = await single.Answer;
        }
        spareSingles.Enqueue(single);
        return answer;
    }

    /// <summary>
    /// Sends one notification to many tokens and returns when every token has its answer. <paramref name="answers"/> hears each
    /// one as it comes, so that a caller can keep books while the rest is still under way.
    /// </summary>
    /// <param name="notification">What to send.</param>
    /// <param name="tokens">The tokens' bytes; the memory must stay as it is until the call returns.</param>
    /// <param name="answers">Hears exactly one answer per token, by position in <paramref name="tokens"/>.</param>
    /// <param name="options">How to send.</param>
    /// <param name="stopping">
    /// Once it fires nothing new is written and the rest is answered <see cref="Answer.Unprocessed"/>; what was written still gets its
    /// answer, at most <see cref="ApnsClientOptions.AnswerTimeout"/> later.
    /// </param>
    /// <exception cref="ArgumentException">A token is empty or longer than 100 bytes; nothing was sent.</exception>
    public async Task SendAsync(
        ApnsNotification notification,
        ReadOnlyMemory<ReadOnlyMemory<byte>> tokens,
        IPushAnswers answers,
        ApnsSendOptions options,
        CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(notification);
        ArgumentNullException.ThrowIfNull(answers);
        if (tokens.IsEmpty)
        {
            return;
        }
        foreach (var token in tokens.Span)
        {
            CheckToken(token.Length, nameof(tokens));
        }
        var list = new PushList();
        list.Prepare(notification, tokens, answers, options);
        var completion = list.Completion;
        await using (StopWith(list, stopping))
        {
            pump.Submit(list);
            await completion;
        }
    }

    /// <summary>
    /// Takes nothing new and calls back what is not written; waits for the answers of what is, at most
    /// <see cref="ApnsClientOptions.AnswerTimeout"/>; closes the connections.
    /// </summary>
    public ValueTask DisposeAsync() => pump.DisposeAsync();

    private static void CheckToken(int length, string parameter)
    {
        if (length is 0 or > MaxTokenBytes)
        {
            throw new ArgumentException($"A device token has 1–{MaxTokenBytes} bytes, not {length}.", parameter);
        }
    }

    private CancellationTokenRegistration StopWith(PushList list, CancellationToken stopping) => stopping.UnsafeRegister(stop, list);
}
