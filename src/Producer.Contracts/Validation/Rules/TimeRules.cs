namespace PushFanout.Contracts;

/// <summary>Rules for the times of a request. One that has passed is no fault: the request then ends as expired.</summary>
internal static class TimeRules
{
    public static void Check(NotificationRequested request, DateTimeOffset? now, FaultList faults)
    {
        CheckTime("expiration", request.Expiration, now, faults);
        CheckTime("notBefore", request.NotBefore, now, faults);
        CheckTime("deadline", request.Deadline, now, faults);
        if (request.Deadline <= request.NotBefore)
            faults.AddIfFirst("deadline", FaultCodes.ConflictingFields, "It must be after notBefore.");
        if (request.Expiration <= request.NotBefore)
            faults.AddIfFirst("expiration", FaultCodes.ConflictingFields, "It must be after notBefore.");
        if (request.Expiration is not null && !request.StoreIfOffline)
            faults.AddIfFirst("storeIfOffline", FaultCodes.ConflictingFields, "False stores nothing, expiration says until when to store.");
    }

    /// <summary>Checks a moment that must be given.</summary>
    public static void CheckGiven(string field, DateTimeOffset time, FaultList faults)
    {
        if (time == default)
            faults.AddIfFirst(field, FaultCodes.MissingField, "The field is required.");
        CheckTime(field, time, now: null, faults);
    }

    private static void CheckTime(string field, DateTimeOffset? time, DateTimeOffset? now, FaultList faults)
    {
        if (time < DateTimeOffset.UnixEpoch)
            faults.AddIfFirst(field, FaultCodes.InvalidValue, "It must not be before 1970.");
        if (time > now + NotificationRequested.MaxAhead)
            faults.AddIfFirst(field, FaultCodes.InvalidValue, $"It must be at most {NotificationRequested.MaxAhead.TotalDays} days ahead.");
    }
}
