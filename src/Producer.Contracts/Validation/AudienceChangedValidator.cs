namespace PushFanout.Contracts;

/// <summary>What a worker checks of an <see cref="AudienceChanged"/>.</summary>
public static class AudienceChangedValidator
{
    /// <summary>Everything that is wrong with the message; empty when nothing is.</summary>
    public static IReadOnlyList<ContractFault> Validate(AudienceChanged change, WorkerContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(change);
        var faults = new FaultList();
        Check(change, context ?? WorkerContext.None, faults);
        return faults.ToList();
    }

    internal static void Check(AudienceChanged change, WorkerContext context, FaultList faults)
    {
        AppRules.Check(change.App, context, faults);
        if (change.Audience is null)
            faults.AddIfFirst("audience", FaultCodes.MissingField, "The field is required.");
        else
            AudienceRules.CheckOwnName("audience", change.Audience, faults);
        CheckMembers("add", change.Add, faults);
        CheckMembers("remove", change.Remove, faults);

        var members = (change.Add?.Count ?? 0) + (change.Remove?.Count ?? 0);
        if (members > AudienceChanged.MaxMembers)
            faults.AddIfFirst(FieldPath.Message, FaultCodes.InvalidAudience, $"{members} entries; the limit is {AudienceChanged.MaxMembers} together.");
        else if (members == 0 && !faults.HasAny("add", "remove"))
            faults.AddIfFirst(FieldPath.Message, FaultCodes.MissingField, "add or remove must have an entry.");
    }

    private static void CheckMembers(string field, IReadOnlyList<AudienceMember>? members, FaultList faults)
    {
        for (var i = 0; i < members?.Count; i++)
            CheckMember(FieldPath.At(field, i), members[i], faults);
    }

    private static void CheckMember(string field, AudienceMember? member, FaultList faults)
    {
        if (member is { User: not null, Token: null })
            DeviceRules.CheckOwnId(FieldPath.Of(field, "user"), member.User, faults);
        else if (member is { User: null, Token: not null })
            DeviceRules.CheckToken(FieldPath.Of(field, "token"), member.Token, faults);
        else
            faults.AddIfFirst(field, FaultCodes.ConflictingFields, "It must have either user or token.");
    }
}
