using Microsoft.Extensions.Logging;
using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Control;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Intake;

/// <summary>
/// Takes in requests: validate, fix the plan in the ledger, hand the work out. A request delivered again continues with the plan
/// of its first delivery.
/// </summary>
internal sealed partial class NotificationIntake(
    AppCatalog apps, ITokenCache cache, INotificationLedger ledger, AudiencePlanner planner, RequestRefusal refusal, WorkHandout handout, NotificationEnd end,
    PushFanoutOptions options, FanoutMetrics metrics, TimeProvider clock, ILogger<NotificationIntake> logger)
{
    public async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken stopping)
    {
        var read = NotificationRequestedReader.Read(IncomingJson.Of(message), new WorkerContext { Now = clock.GetUtcNow(), FindApp = FactsOf });
        if (read.Message is not { } request)
        {
            if (read.Unreadable is not null || read.Origin.NotificationId is null)
            {
                metrics.RequestReceived(apps.Find(read.Origin.App ?? "")?.Name ?? "unknown", "parked");
                return Disposition.Park(IncomingJson.WhyNot(read));
            }
            await refusal.RefuseAsync(read.Origin, read.Faults, stopping);
            return Disposition.Done;
        }
        var app = apps.Find(request.App)!;
        StageSpans.Describe(request.NotificationId, app.Name);
        if (await UnknownAudiences.FindAsync(cache, request, stopping) is { Count: > 0 } faults)
        {
            await refusal.RefuseAsync(read.Origin, faults, stopping);
            return Disposition.Done;
        }
        var plan = await planner.PlanAsync(app, request.Audience, stopping);
        if (await IsTooLargeAsync(request, app, plan, stopping) is { } tooLarge)
        {
            await refusal.RefuseAsync(read.Origin, [tooLarge], stopping);
            return Disposition.Done;
        }
        return await StartAsync(request, read.Origin, app, plan, stopping);
    }

    private async Task<Disposition> StartAsync(NotificationRequested request, MessageOrigin origin, ServedApp app, AudiencePlan plan, CancellationToken stopping)
    {
        var created = await ledger.CreateAsync(
            new NewNotification(
                request.NotificationId, app.Name, RequestDigest.Of(request), StoredRequest.Write(request), plan.RangeEnds, options.Expansion.WindowRanges,
                plan.ShortWay, plan.Malformed, plan.UsersWithoutDevices, clock.GetUtcNow()),
            stopping);
        switch (created.Verdict)
        {
            case CreateVerdict.Conflict:
                await refusal.RefuseAsync(origin, [RequestRefusal.IdConflict], stopping);
                return Disposition.Done;
            case CreateVerdict.Done:
                metrics.RequestReceived(app.Name, "repeated");
                return Disposition.Done;
        }
        metrics.RequestReceived(app.Name, created.Verdict == CreateVerdict.Same ? "repeated" : "accepted");
        if (created.Stored!.Complete)
        {
            await end.CompleteAsync(request.NotificationId, created.Stored.ShortWay);
            return Disposition.Done;
        }
        await handout.StartAsync(request, app, created, stopping);
        if (created.ShortWay is null)
        {
            Planned(logger, request.NotificationId, app.Name, created.Stored.RangeEnds.Count, plan.Tokens);
        }
        return Disposition.Done;
    }

    private async Task<ContractFault?> IsTooLargeAsync(NotificationRequested request, ServedApp app, AudiencePlan plan, CancellationToken stopping)
    {
        var limit = Math.Min(request.MaxAudience ?? long.MaxValue, app.Options.MaxAudience ?? long.MaxValue);
        if (limit == long.MaxValue || (plan.TokensAtMost && plan.Tokens <= limit))
        {
            return null;
        }
        var tokens = plan.ShortWay is not null ? plan.Tokens : await cache.CountAsync(app.Name, Audiences.Of(request.Audience).Expression, stopping);
        return tokens <= limit
            ? null
            : new ContractFault("audience", FaultCodes.AudienceTooLarge, $"The audience has {tokens} devices, more than the {limit} allowed.");
    }

    private AppFacts? FactsOf(string name) => apps.FindOpen(name) is { } app
        ? new AppFacts { Topic = app.Options.Topic, AllowedSources = app.Options.AllowedSources }
        : null;

    [LoggerMessage(2001, LogLevel.Information, "Notification {NotificationId} of {App} planned: {Ranges} ranges, about {Tokens} tokens")]
    private static partial void Planned(ILogger logger, Guid notificationId, string app, int ranges, long tokens);
}
