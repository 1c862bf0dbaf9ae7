namespace PushFanout.ApnsSimulator;

/// <summary>How many streams a connection deserves for what it was answered last; an order of the test outweighs that.</summary>
/// <param name="deserved">Streams at the start.</param>
/// <param name="ordered">Of the test's order at the start; null for none.</param>
internal sealed class StreamPolicy(ConnectionRules rules, int most, int deserved, int? ordered)
{
    private readonly Lock gate = new();
    private int rejections;

    public int Limit
    {
        get
        {
            lock (gate)
            {
                return ordered ?? deserved;
            }
        }
    }

    public void Order(int? limit)
    {
        lock (gate)
        {
            ordered = limit;
        }
    }

    /// <returns>Whether the connection has had too many rejections.</returns>
    public bool Answered(PushReply? refusal)
    {
        lock (gate)
        {
            switch (refusal)
            {
                case null or { Status: 410 }:
                    deserved = most;
                    rejections = Math.Max(0, rejections - 1);
                    return false;
                case { Status: >= 400 and < 500 }:
                    deserved = rules.StreamsAfterRejection ?? deserved;
                    rejections += refusal.Reason == Refusals.BadDeviceToken.Reason ? 5 : 1;
                    return rules.MaxRejections > 0 && rejections >= rules.MaxRejections;
                default:
                    return false;
            }
        }
    }
}
