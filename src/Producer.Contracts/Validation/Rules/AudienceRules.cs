namespace PushFanout.Contracts;

/// <summary>Rules for the audience of a request, as far as they can be checked without the token cache.</summary>
internal static class AudienceRules
{
    public static void Check(Audience? audience, FaultList faults)
    {
        if (audience is null)
        {
            faults.AddIfFirst("audience", FaultCodes.MissingField, "The field is required; everyone is {\"anyOf\":[\"all\"]}.");
            return;
        }
        CheckNames("audience.anyOf", audience.AnyOf, faults);
        CheckNames("audience.allOf", audience.AllOf, faults);
        CheckNames("audience.noneOf", audience.NoneOf, faults);
        CheckUsers(audience.Users, faults);

        var members = (audience.Users?.Count ?? 0) + (audience.Tokens?.Count ?? 0);
        if (members > Audience.MaxMembers)
            faults.AddIfFirst("audience", FaultCodes.InvalidAudience, $"{members} users and tokens; the limit is {Audience.MaxMembers} together.");
        if (members == 0 && audience.AnyOf is not { Count: > 0 } && audience.AllOf is not { Count: > 0 })
            faults.AddIfFirst("audience", FaultCodes.InvalidAudience, audience.NoneOf is { Count: > 0 }
                ? "noneOf alone is nobody in particular; everyone else is anyOf [\"all\"] with noneOf."
                : "Nobody is named; everyone is anyOf [\"all\"].");
    }

    /// <summary>Checks the name of an audience that devices join and leave by hand.</summary>
    public static void CheckOwnName(string field, string? name, FaultList faults)
    {
        CheckName(field, name, faults);
        if (name == ContractNames.AllAudience)
            faults.AddIfFirst(field, FaultCodes.InvalidAudience, "Every registered device is in \"all\"; it cannot be joined or left.");
    }

    private static void CheckName(string field, string? name, FaultList faults)
    {
        if (!ContractNames.IsAudience(name))
            faults.AddIfFirst(field, FaultCodes.InvalidAudience, "An audience's name is 1–64 lower-case letters, digits, '.', '_' and '-'.");
    }

    private static void CheckNames(string field, IReadOnlyList<string>? names, FaultList faults)
    {
        if (names is null)
            return;
        if (names.Count > Audience.MaxNames)
            faults.AddIfFirst(field, FaultCodes.InvalidAudience, $"{names.Count} names; the limit is {Audience.MaxNames}.");
        for (var i = 0; i < names.Count; i++)
            CheckName(FieldPath.At(field, i), names[i], faults);
    }

    private static void CheckUsers(IReadOnlyList<string>? users, FaultList faults)
    {
        for (var i = 0; i < users?.Count; i++)
        {
            if (!TextRules.IsOwnId(users[i]))
                faults.AddIfFirst(FieldPath.At("audience.users", i), FaultCodes.InvalidAudience, DeviceRules.OwnIdForm);
        }
    }
}
