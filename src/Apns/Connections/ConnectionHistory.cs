using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Connections;

/// <summary>What has become of a client's connections: counted for its statistics, and told as events. All members belong to the pump's gate.</summary>
internal sealed class ConnectionHistory(string endpoint)
{
    private readonly Queue<ApnsConnectionEvent> untold = new();
    private readonly Dictionary<string, long> goAways = [];
    private readonly long[] closed = new long[Enum.GetValues<ApnsConnectionEnd>().Length];

    public long Connected { get; private set; }

    public long Failures { get; private set; }

    /// <summary>Why the last attempt to connect failed; null once a connection was made since.</summary>
    public string? LastError { get; private set; }

    public IReadOnlyDictionary<ApnsConnectionEnd, long> Ends =>
        Enum.GetValues<ApnsConnectionEnd>().Where(end => closed[(int)end] > 0).ToDictionary(end => end, end => closed[(int)end]);

    public IReadOnlyDictionary<string, long> GoAways => new Dictionary<string, long>(goAways);

    public bool HasUntold => untold.Count > 0;

    public void Opened()
    {
        Connected++;
        LastError = null;
        untold.Enqueue(new ApnsConnectionEvent(ApnsConnectionEventKind.Opened, endpoint));
    }

    public void Closed(ApnsConnectionEnd why, string? detail)
    {
        closed[(int)why]++;
        untold.Enqueue(new ApnsConnectionEvent(ApnsConnectionEventKind.Closed, endpoint, why, detail));
    }

    public void Failed(string why)
    {
        Failures++;
        LastError = why;
        untold.Enqueue(new ApnsConnectionEvent(ApnsConnectionEventKind.ConnectFailed, endpoint, Detail: why));
    }

    public void ToldToGo(ErrorCode code) => goAways[code.Word()] = goAways.GetValueOrDefault(code.Word()) + 1;

    /// <summary>The oldest event that nobody was told of; null when there is none.</summary>
    public ApnsConnectionEvent? NextUntold() => untold.TryDequeue(out var happened) ? happened : null;
}
