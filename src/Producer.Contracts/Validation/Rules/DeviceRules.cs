namespace PushFanout.Contracts;

/// <summary>Rules for devices. No text says which device or user it was.</summary>
internal static class DeviceRules
{
    public const string OwnIdForm = "It must be 1–255 bytes of UTF-8 without control characters.";

    public static void CheckToken(string field, string? token, FaultList faults)
    {
        if (token is null)
            faults.AddIfFirst(field, FaultCodes.MissingField, "The field is required.");
        else if (!DeviceTokenText.IsWellFormed(token))
            faults.AddIfFirst(field, FaultCodes.InvalidToken, "A device token is 1–100 bytes, two hex digits each.");
    }

    /// <summary>Checks an id of a device or user, if it is given.</summary>
    public static void CheckOwnId(string field, string? id, FaultList faults)
    {
        if (id is not null && !TextRules.IsOwnId(id))
            faults.AddIfFirst(field, FaultCodes.InvalidValue, OwnIdForm);
    }
}
