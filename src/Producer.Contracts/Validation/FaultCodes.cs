namespace PushFanout.Contracts;

/// <summary>Every code that <see cref="ContractFault.Code"/> can have. The list only grows.</summary>
public static class FaultCodes
{
    /// <summary>A required field is not there, or null.</summary>
    public const string MissingField = "missing_field";
    /// <summary>A field has another JSON type than it must have, for example <c>"priority":"5"</c> or an enum as a number.</summary>
    public const string WrongType = "wrong_type";
    /// <summary>A field that the message does not have. Names are case-sensitive. A null is "not given" and no fault.</summary>
    public const string UnknownField = "unknown_field";
    /// <summary>A field is there twice.</summary>
    public const string DuplicateField = "duplicate_field";
    /// <summary>A value is not in the list, range, length or form that its field allows.</summary>
    public const string InvalidValue = "invalid_value";
    /// <summary>Two fields are each right, but not together.</summary>
    public const string ConflictingFields = "conflicting_fields";
    /// <summary>Further faults were found; the first 100 are listed.</summary>
    public const string MoreFaults = "more_faults";
    /// <summary>The notification id was used for another content before, or is all zero, which every sender that forgets to set one shares.</summary>
    public const string IdConflict = "id_conflict";
    /// <summary>No app of this name is configured at the workers.</summary>
    public const string UnknownApp = "unknown_app";
    /// <summary>The app does not accept requests from this source.</summary>
    public const string SourceNotAllowed = "source_not_allowed";
    /// <summary>The audience is empty, too long, reserved, or has a name or user that cannot exist.</summary>
    public const string InvalidAudience = "invalid_audience";
    /// <summary>An audience of this name never had a member in this app.</summary>
    public const string UnknownAudience = "unknown_audience";
    /// <summary>The audience has more devices than the request's or the app's <c>maxAudience</c>.</summary>
    public const string AudienceTooLarge = "audience_too_large";
    /// <summary>The payload is not a JSON object, or its <c>aps</c> is missing, twice there or not an object.</summary>
    public const string InvalidPayload = "invalid_payload";
    /// <summary>The minified payload is larger than APNs takes for the push type; the text says size and limit.</summary>
    public const string PayloadTooLarge = "payload_too_large";
    /// <summary>The app's topic is for another push type.</summary>
    public const string TopicMismatch = "topic_mismatch";
    /// <summary>A device token is not 1–100 bytes in hex. The text never has the token.</summary>
    public const string InvalidToken = "invalid_token";
}
