namespace PushFanout.Worker.Ledger;

/// <summary>
/// The precision at which the ledger keeps time, so that both implementations agree to the last digit: milliseconds for its
/// own clock and leases, microseconds for moments that came with a message.
/// </summary>
internal static class LedgerTime
{
    public static DateTimeOffset WholeMilliseconds(this DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    public static TimeSpan WholeMilliseconds(this TimeSpan span) => TimeSpan.FromMilliseconds((long)span.TotalMilliseconds);

    public static DateTimeOffset WholeMicroseconds(this DateTimeOffset time) => FromUnixMicroseconds(time.ToUnixMicroseconds());

    public static long ToUnixMicroseconds(this DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromUnixMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
