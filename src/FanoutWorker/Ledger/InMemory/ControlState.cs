namespace PushFanout.Worker.Ledger;

/// <summary>
/// The state as control messages decide it. The end does not depend on the order in which they come: cancel and expire are
/// final whatever their moment (the first of the two stays), of pause and resume the later moment wins, and pause when both
/// name the same.
/// </summary>
internal sealed class ControlState
{
    public NotificationState State { get; private set; } = NotificationState.Running;

    /// <summary>The moment that the deciding message named; null before the first.</summary>
    public DateTimeOffset? At { get; private set; }

    public bool Waits => State is NotificationState.Paused;

    public bool OnlyCounts => State is NotificationState.Cancelled or NotificationState.Expired;

    /// <summary>False when what was decided before stays. The deciding message, repeated, is true again.</summary>
    public bool Apply(ControlAction action, DateTimeOffset at)
    {
        var wanted = action switch
        {
            ControlAction.Pause => NotificationState.Paused,
            ControlAction.Resume => NotificationState.Running,
            ControlAction.Cancel => NotificationState.Cancelled,
            ControlAction.Expire => NotificationState.Expired,
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Not a control action."),
        };
        var decides = OnlyCounts ? wanted == State && at == At
            : action is ControlAction.Cancel or ControlAction.Expire || At is null || at > At
            || (at == At && (action == ControlAction.Pause || wanted == State));
        if (decides)
        {
            State = wanted;
            At = at;
        }
        return decides;
    }
}
