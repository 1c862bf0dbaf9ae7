using System.Globalization;
using PushFanout.Worker.Explain;

namespace PushFanout.Cli;

/// <summary>An explanation on the screen.</summary>
internal static class ExplanationReport
{
    public static void Write(Screen screen, Explanation explanation)
    {
        screen.Line($"{explanation.NotificationId}  {explanation.App}  {NotificationSummary.Word(explanation.State)}  requested {explanation.RequestedAt:u}");
        screen.Line(explanation.Text);
        foreach (var device in explanation.Devices)
        {
            screen.Line();
            Write(screen, device, isOnly: explanation.Devices.Count == 1);
        }
        if (explanation.MoreDevices > 0)
        {
            screen.Line();
            screen.Line($"and {Screen.Number(explanation.MoreDevices)} devices more");
        }
    }

    private static void Write(Screen screen, DeviceExplanation device, bool isOnly)
    {
        screen.Line($"  device {device.DeviceId ?? "without an id"}, user {device.UserId ?? "not known"}, token fingerprint {device.Fingerprint}");
        screen.Line(device.RegisteredAt is { } at
            ? $"    registered {at:u}, in audiences: {(device.Audiences is { Count: > 0 } audiences ? string.Join(", ", audiences) : "none but all")}"
            : "    not registered now");
        if (!isOnly)
        {
            screen.Line($"    {device.Text}");
        }
        foreach (var receipt in device.Receipts)
        {
            screen.Line(
                $"    {NotificationSummary.Word(receipt.Outcome)}{(receipt.Reason is { } reason ? $" ({reason})" : "")}: range {receipt.Range}, batch {receipt.Batch}, position {receipt.Position}"
                + (receipt.Attempts is { } attempts ? $", {attempts} attempts so far" : "") + (receipt.Sending ? ", being sent now" : ""));
        }
        if (device.ApnsId is { } apnsId)
        {
            screen.Line($"    apns-id {apnsId}");
        }
        if (device.ChanceOfCoincidence is > 0 and var chance)
        {
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"    Receipts are four bytes of hash: 1 in {1 / chance:N0} that another device's fits."));
        }
    }
}
