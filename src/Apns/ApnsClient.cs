namespace PushFanout.Apns;

/// <summary>
/// Sends pushes of one credential to one APNs environment; one per process and credential, shared by all threads. Disposing it
/// waits for answers under way up to their deadline.
/// </summary>
public sealed class ApnsClient : IAsyncDisposable
{
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
        _ = clock;
    }

    /// <summary>How the client is doing right now.</summary>
    public ApnsClientStatistics Statistics => throw new NotSupportedException();

    /// <summary>Sends one push. Never throws for what the network or APNs does: that is the answer.</summary>
    /// <param name="notification">What to send.</param>
    /// <param name="token">The device token's bytes, 1–100.</param>
    /// <param name="options">How to send.</param>
    /// <param name="stopping">Once it fires nothing new is written: a push not yet written is <see cref="Answer.Unprocessed"/>; one written still gets its answer.</param>
    public ValueTask<PushAnswer> SendAsync(
        ApnsNotification notification, ReadOnlyMemory<byte> token, ApnsSendOptions options, CancellationToken stopping) => throw new NotSupportedException();

    /// <summary>
    /// Sends one notification to many tokens and returns when every token has its answer. <paramref name="answers"/> hears each
    /// one as it comes, so that a caller can keep books while the rest is still under way.
    /// </summary>
    /// <param name="notification">What to send.</param>
    /// <param name="tokens">The tokens' bytes; the memory must stay as it is until the call returns.</param>
    /// <param name="answers">Hears exactly one answer per token, by position in <paramref name="tokens"/>.</param>
    /// <param name="options">How to send.</param>
    /// <param name="stopping">Once it fires nothing new is written and the rest is answered <see cref="Answer.Unprocessed"/>; what was written still gets its answer, at most <see cref="ApnsClientOptions.AnswerTimeout"/> later.</param>
    public Task SendAsync(
        ApnsNotification notification, ReadOnlyMemory<ReadOnlyMemory<byte>> tokens, IPushAnswers answers, ApnsSendOptions options, CancellationToken stopping) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
