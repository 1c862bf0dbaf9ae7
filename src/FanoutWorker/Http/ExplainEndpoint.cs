using Microsoft.AspNetCore.Http;
using PushFanout.Contracts;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Explain;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Http;

/// <summary>Why a device did not get a push. Asked with a body, for a token must not be in an address.</summary>
internal static class ExplainEndpoint
{
    /// <summary>The body has one of <c>token</c>, <c>deviceId</c> and <c>userId</c>.</summary>
    public static async Task<IResult> ExplainAsync(
        Guid id, HttpRequest request, INotificationLedger ledger, Explainer explainer, BrakeWatch brakes, AppCatalog apps, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await ledger.ReadStatusAsync(id, cancellationToken) is not { } status)
        {
            return NotificationEndpoints.NoSuchNotification();
        }
        var app = status.Totals.App;
        if (apps.Find(app) is null)
        {
            return HttpProblem.Of(StatusCodes.Status404NotFound, $"The app of this notification, {app}, is not configured at this worker.", ProblemCodes.UnknownApp);
        }
        // The question has the form of a removal: one device or user of one app.
        var read = DeviceUnregisteredReader.Read(await DeviceBody.ReadAsync(request, app, clock, cancellationToken), DeviceBody.ContextOf(apps));
        if (read.Message is not { } device)
        {
            return FaultAnswer.Of(read);
        }
        return device.App == app
            ? Results.Ok(await explainer.ExplainAsync((await brakes.ShowAsync([status], cancellationToken))[0], DeviceBody.SelectorOf(device), cancellationToken))
            : DeviceBody.OtherApp();
    }
}
