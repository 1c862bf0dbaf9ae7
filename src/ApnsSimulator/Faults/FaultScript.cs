namespace PushFanout.ApnsSimulator;

/// <summary>Decides what goes wrong next: first what was ordered for the next pushes, in that order, then the dice.</summary>
internal sealed class FaultScript(Dice dice, FaultPlan plan)
{
    private readonly Lock gate = new();
    private readonly Queue<(Fault Fault, int Times)> ordered = new();
    private int taken; // of the first in the queue
    private volatile bool hasOrdered;
    private volatile FaultPlan plan = plan;

    public FaultPlan Plan { get => plan; set => plan = value; }

    public void Order(Fault fault, int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        lock (gate)
        {
            ordered.Enqueue((fault, times));
            hasOrdered = true;
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            ordered.Clear();
            taken = 0;
            hasOrdered = false;
        }
        plan = FaultPlan.None;
    }

    public Fault? Take()
    {
        if (hasOrdered && TakeOrdered() is { } fault)
        {
            return fault;
        }
        var random = plan;
        return random.IsEmpty ? null : random.Draw(dice.Roll());
    }

    private Fault? TakeOrdered()
    {
        lock (gate)
        {
            if (!ordered.TryPeek(out var first))
            {
                return null;
            }
            if (++taken == first.Times)
            {
                ordered.Dequeue();
                taken = 0;
                hasOrdered = ordered.Count > 0;
            }
            return first.Fault;
        }
    }
}
