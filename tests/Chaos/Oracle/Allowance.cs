namespace PushFanout.Chaos.Oracle;

/// <summary>What a run may cost without breaking a promise; nothing, unless said otherwise.</summary>
internal sealed record Allowance
{
    /// <summary>Acceptances beyond the first of the same notification and token.</summary>
    public long Duplicates { get; init; }

    /// <summary>Pushes that were written and never answered.</summary>
    public long Ambiguous { get; init; }

    /// <summary>Redis forgot everything: the totals may say that they are not exact, and devices may have been imported again.</summary>
    public bool BooksLost { get; init; }

    /// <summary>Requests that the simulator may answer for each device, retries among them: a storm of retries has more.</summary>
    public double AnswersPerDevice { get; init; } = double.PositiveInfinity;

    /// <summary>Longest time from the end of a fault to the next accepted push.</summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromSeconds(30);
}
