using System.Collections.Concurrent;
using PushFanout.Apns;

/// <summary>One notification to many devices, each of which ends in exactly one of the books.</summary>
sealed class ManyDevices(IReadOnlyList<string> deviceTokens) : IPushAnswers
{
    private int accepted;

    public int Accepted => accepted;
    public ConcurrentQueue<(string Token, DateTimeOffset? Since)> Gone { get; } = new();
    public ConcurrentQueue<(string Token, TimeSpan After)> Again { get; } = new();
    public ConcurrentQueue<(string Token, string? Why)> Failed { get; } = new();

    public Task SendAsync(ApnsClient client, ApnsNotification notification)
    {
        ReadOnlyMemory<byte>[] tokens = [.. deviceTokens.Select(token => new ReadOnlyMemory<byte>(Convert.FromHexString(token)))];
        return client.SendAsync(notification, tokens, this, default, CancellationToken.None);
    }

    // Once for each token, as its answer comes: in any order, from several threads at once.
    public void OnAnswer(int index, in PushAnswer answer)
    {
        var token = deviceTokens[index];
        switch (answer.Answer)
        {
            case Answer.Accepted:                                     // APNs took it; delivery is not promised
                Interlocked.Increment(ref accepted);
                break;
            case Answer.Unregistered:                                 // remove it, unless it was registered after Since
                Gone.Enqueue((token, answer.Since));
                break;
            case Answer.Unprocessed:                                  // cannot become a duplicate
                Again.Enqueue((token, TimeSpan.Zero));
                break;
            case Answer.Transient:
                Again.Enqueue((token, answer.RetryAfter ?? TimeSpan.FromSeconds(1)));
                break;
            case Answer.Ambiguous:                                    // written, and nobody knows: sent again, it may be shown twice
            case Answer.Suspect:                                      // dead, or your environment or topic is wrong
            case Answer.Rejected:                                     // sending it again cannot help
            case Answer.CredentialRefused:                            // nothing of this key will go through until somebody acts
                Failed.Enqueue((token, answer.ReasonText ?? answer.Reason.ToString()));
                break;
        }
    }
}
