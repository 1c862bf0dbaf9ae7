namespace PushFanout.Contracts;

/// <summary>Rules for the payload: what APNs would refuse, or a device ignore, is refused before anything is sent.</summary>
internal static class PayloadRules
{
    public static void Check(PushPayload? payload, PushTypeRules? type, FaultList faults)
    {
        if (payload is null)
        {
            faults.AddIfFirst("payload", FaultCodes.MissingField, "The field is required.");
            return;
        }
        if (FormFault(payload.Form, type?.RequiresAps ?? false) is { } text)
            faults.AddIfFirst("payload", FaultCodes.InvalidPayload, text);
        if (type is not null && payload.Length > type.MaxPayloadBytes)
            faults.Add("payload", FaultCodes.PayloadTooLarge, $"{payload.Length} bytes when minified; the limit of {type.Name} pushes is {type.MaxPayloadBytes}.");
    }

    private static string? FormFault(PayloadForm form, bool requiresAps) => form switch
    {
        PayloadForm.NotAnObject => "It must be a JSON object, not a string with JSON in it.",
        PayloadForm.ApsMissing when requiresAps => "It has no \"aps\".",
        PayloadForm.ApsTwice => "It has more than one \"aps\".",
        PayloadForm.ApsNotAnObject => "Its \"aps\" is not an object.",
        _ => null,
    };
}
