namespace PushFanout.Worker.Messaging;

/// <summary>What is to become of a delivery. A handler says so with a value; it does not throw for infrastructure.</summary>
internal abstract record Disposition
{
    private Disposition() { }

    /// <summary>Everything that follows from it is confirmed: ack.</summary>
    public static Disposition Done { get; } = new DoneDisposition();

    /// <summary>The untouched message comes back after the tier's time.</summary>
    public static Disposition Later(WaitTier tier, string reason) => new LaterDisposition(tier, reason);

    /// <summary>The untouched message goes to the end of its own queue at once: another worker takes it.</summary>
    public static Disposition HandBack() => new HandBackDisposition();

    /// <summary>Nobody can read it, or it is of no use to anybody: it rests in the parked queue with this reason.</summary>
    /// <param name="reason">In words, for whoever looks at it.</param>
    /// <param name="kind">In one word of few, for the metric.</param>
    public static Disposition Park(string reason, string kind = "unreadable") => new ParkDisposition(reason, kind);

    internal sealed record DoneDisposition : Disposition;

    internal sealed record LaterDisposition(WaitTier Tier, string Reason) : Disposition;

    internal sealed record HandBackDisposition : Disposition;

    internal sealed record ParkDisposition(string Reason, string Kind) : Disposition;
}
