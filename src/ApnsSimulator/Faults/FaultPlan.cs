namespace PushFanout.ApnsSimulator;

/// <summary>A fault and how often it strikes.</summary>
/// <param name="Share">Of the pushes that would else be accepted; 0–1.</param>
/// <param name="Fault">What happens to them.</param>
public readonly record struct FaultShare(double Share, Fault Fault);

/// <summary>Random faults. A push is struck by at most one, so the shares must not add up to more than 1.</summary>
public sealed class FaultPlan
{
    private readonly FaultShare[] shares;

    /// <summary>A plan of the given faults.</summary>
    public FaultPlan(params IEnumerable<FaultShare> shares)
    {
        this.shares = [.. shares];
        var total = 0.0;
        foreach (var (share, _) in this.shares)
        {
            if (share is not (>= 0 and <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(shares), share, "A share lies between 0 and 1.");
            }
            total += share;
        }
        if (total > 1.000_001)
        {
            throw new ArgumentOutOfRangeException(nameof(shares), total, "The shares add up to more than 1.");
        }
    }

    /// <summary>Nothing ever goes wrong.</summary>
    public static FaultPlan None { get; } = new();

    internal bool IsEmpty => shares.Length == 0;

    internal Fault? Draw(double roll)
    {
        foreach (var (share, fault) in shares)
        {
            if (roll < share)
            {
                return fault;
            }
            roll -= share;
        }
        return null;
    }
}
