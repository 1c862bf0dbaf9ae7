namespace PushFanout.Worker.Ledger;

/// <summary>The ledger's own numbers, the same in both implementations. Tests shorten the waits; nothing else has a reason to.</summary>
internal sealed record LedgerLimits
{
    public static LedgerLimits Default { get; } = new();

    /// <summary>Claims of a batch in a row that end without one new outcome and without being given back; the next one is poison.</summary>
    public int IdleClaims { get; init; } = 5;

    /// <summary>A range handed out and not snapped for this long is handed out again.</summary>
    public TimeSpan OfferAgainAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a control message for an id not seen yet is remembered.</summary>
    public TimeSpan RememberControl { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Redis: how long a record outlives its last use when nobody ever ends it.</summary>
    public TimeSpan SafetyTtl { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How many notifications the listing remembers; in memory also how many ended ones are kept.</summary>
    public int Listed { get; init; } = 10_000;

    /// <summary>How many running notifications are looked at together.</summary>
    public int Running { get; init; } = 200;
}
