namespace PushFanout.Contracts;

/// <summary>Why bytes could not be read as a message at all. Nobody can be told, so such a message is parked.</summary>
public enum UnreadableReason
{
    /// <summary>Not JSON, or more than one JSON value.</summary>
    NotJson,
    /// <summary>The beginning of JSON; also no bytes at all.</summary>
    Truncated,
    /// <summary>Nested deeper than <see cref="ContractJson.MaxDepth"/>.</summary>
    TooDeep,
    /// <summary>Not UTF-8.</summary>
    InvalidUtf8,
    /// <summary>A <c>\u</c> escape of half a surrogate pair, which is no character.</summary>
    LoneSurrogate,
}

/// <summary>Why and where bytes stop being a message.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Offset">How many bytes from the start of the body; what is wrong is there, or begins there.</param>
public sealed record UnreadableMessage(UnreadableReason Reason, long Offset)
{
    /// <summary>The reason in words; no part of the message.</summary>
    public override string ToString() => Reason switch
    {
        UnreadableReason.Truncated => $"JSON that breaks off after byte {Offset}",
        UnreadableReason.TooDeep => $"JSON nested deeper than {ContractJson.MaxDepth} levels at byte {Offset}",
        UnreadableReason.InvalidUtf8 => $"not UTF-8 at byte {Offset}",
        UnreadableReason.LoneSurrogate => $"half a surrogate pair in the string at byte {Offset}",
        _ => $"not JSON after byte {Offset}",
    };
}
