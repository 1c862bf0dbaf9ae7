namespace PushFanout.Worker.Ledger;

/// <summary>Control messages that came before their notification; bounded in time and number.</summary>
internal sealed class RememberedControls(LedgerLimits limits)
{
    private readonly Dictionary<Guid, (ControlState Control, DateTimeOffset Until)> _controls = [];

    public ControlState? Find(Guid id, DateTimeOffset now) =>
        _controls.TryGetValue(id, out var entry) && now < entry.Until ? entry.Control : null;

    public ControlState? Take(Guid id, DateTimeOffset now)
    {
        var control = Find(id, now);
        _controls.Remove(id);
        return control;
    }

    public ControlResult Apply(Guid id, ControlAction action, DateTimeOffset at, DateTimeOffset now)
    {
        var control = Find(id, now) ?? new ControlState();
        var applied = control.Apply(action, at);
        _controls[id] = (control, now + limits.RememberControl);
        if (_controls.Count > limits.Listed)
        {
            _controls.Remove(_controls.MinBy(entry => entry.Value.Until).Key);
        }
        return new(control.State, Known: false, applied, Complete: false);
    }
}
