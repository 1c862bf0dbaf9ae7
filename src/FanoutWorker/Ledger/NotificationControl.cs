namespace PushFanout.Worker.Ledger;

internal enum NotificationState : byte
{
    Running,
    Paused,
    /// <summary>Running, and the brake of its app is open, so that it waits. Shown to operators; the ledger itself knows nothing of brakes.</summary>
    Braked,
    Cancelled,
    Expired,
    Done,
}

internal enum ControlAction : byte
{
    Pause,
    Resume,
    Cancel,
    /// <summary>The deadline passed: like cancel, but what is pending becomes expired. Ours, never from a message.</summary>
    Expire,
}

/// <param name="State">The state now.</param>
/// <param name="Known">Whether the notification exists; otherwise the action is remembered for it.</param>
/// <param name="Applied">Whether this action decided the state; false when an older <c>at</c> or a cancel before it won.</param>
/// <param name="Complete">See <see cref="LedgerProgress.Complete"/>.</param>
internal readonly record struct ControlResult(NotificationState State, bool Known, bool Applied, bool Complete);
