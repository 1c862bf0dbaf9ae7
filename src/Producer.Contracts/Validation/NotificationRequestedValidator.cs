using System.Text;

namespace PushFanout.Contracts;

/// <summary>What a worker checks of a request; a producer can run it before it publishes.</summary>
public static class NotificationRequestedValidator
{
    /// <summary>Everything that is wrong with the request; empty when nothing is.</summary>
    public static IReadOnlyList<ContractFault> Validate(NotificationRequested request, WorkerContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        var faults = new FaultList();
        Check(request, context ?? WorkerContext.None, faults);
        return faults.ToList();
    }

    internal static void Check(NotificationRequested request, WorkerContext context, FaultList faults)
    {
        if (request.NotificationId == Guid.Empty)
            faults.AddIfFirst("notificationId", FaultCodes.IdConflict, "The all-zero id cannot tell one notification from another.");
        var app = AppRules.Check(request.App, context, faults);
        AudienceRules.Check(request.Audience, faults);
        var type = CheckPushType(request, app, faults);
        PayloadRules.Check(request.Payload, type, faults);
        CheckPriority(request.Priority, type, faults);
        CheckCollapseId(request.CollapseId, faults);
        TimeRules.Check(request, context.Now, faults);
        CheckLimits(request, faults);
        CheckSource(request.Source, app, faults);
        if (request.Reference is not null && !TextRules.IsReference(request.Reference))
            faults.AddIfFirst("reference", FaultCodes.InvalidValue, "It must be 1–200 characters without control characters.");
    }

    private static PushTypeRules? CheckPushType(NotificationRequested request, AppFacts? app, FaultList faults)
    {
        CheckWord("lane", request.Lane, faults);
        CheckWord("report", request.Report, faults);
        if (!CheckWord("pushType", request.PushType, faults))
            return null;
        var type = PushTypes.Of(request.PushType);
        if (app is not null && !PushTypes.FitsTopic(app.Topic, request.PushType))
            faults.AddIfFirst("pushType", FaultCodes.TopicMismatch, $"The app's topic {ShownText.Of(app.Topic)} is not for {type.Name} pushes.");
        return type;
    }

    private static bool CheckWord<T>(string field, T value, FaultList faults)
        where T : struct, Enum
    {
        if (Enum.IsDefined(value))
            return true;
        faults.AddIfFirst(field, FaultCodes.InvalidValue, $"It must be one of {EnumWords<T>.Listed}.");
        return false;
    }

    private static void CheckPriority(int? priority, PushTypeRules? type, FaultList faults)
    {
        if (priority is { } given && type is not null && !type.AllowedPriorities.Contains(given))
            faults.AddIfFirst("priority", FaultCodes.InvalidValue, $"{type.Name} pushes can have priority {string.Join(", ", type.AllowedPriorities)}.");
    }

    private static void CheckCollapseId(string? collapseId, FaultList faults)
    {
        if (collapseId is null)
            return;
        if (!TextRules.IsHeaderValue(collapseId))
            faults.AddIfFirst("collapseId", FaultCodes.InvalidValue, "It must not be empty, nor have control characters or spaces around it.");
        else if (Encoding.UTF8.GetByteCount(collapseId) is > NotificationRequested.MaxCollapseIdBytes and var bytes)
            faults.AddIfFirst("collapseId", FaultCodes.InvalidValue, $"{bytes} bytes of UTF-8; the limit is {NotificationRequested.MaxCollapseIdBytes}.");
    }

    private static void CheckLimits(NotificationRequested request, FaultList faults)
    {
        if (request.PushesPerSecond is < 1 or > NotificationRequested.MaxPushesPerSecond)
            faults.AddIfFirst("pushesPerSecond", FaultCodes.InvalidValue, $"It must be 1–{NotificationRequested.MaxPushesPerSecond}.");
        if (request.MaxAudience < 1)
            faults.AddIfFirst("maxAudience", FaultCodes.InvalidValue, "It must be at least 1.");
    }

    private static void CheckSource(string? source, AppFacts? app, FaultList faults)
    {
        if (source is not null && !ContractNames.IsSource(source))
            faults.AddIfFirst("source", FaultCodes.InvalidValue, "A source is 1–64 letters, digits, '_' and '-'.");
        else if (app is not null && !app.AllowedSources.Contains(AppFacts.AnySource) && !app.AllowedSources.Contains(source))
            faults.AddIfFirst("source", FaultCodes.SourceNotAllowed, source is null ? "The app takes no requests without a source." : $"The app takes no requests from {ShownText.Of(source)}.");
    }
}
