using System.Text;

namespace PushFanout.Contracts;

/// <summary>Rules for free text. Some of it becomes a header, a log field or a key, so none may have control characters.</summary>
internal static class TextRules
{
    public static bool IsReference(string? reference) =>
        reference is { Length: > 0 and <= NotificationRequested.MaxReferenceLength } && IsPlain(reference);

    /// <summary>An id of a user or device that an app back end made.</summary>
    public static bool IsOwnId(string? id) => id is { Length: > 0 } && IsPlain(id) && Encoding.UTF8.GetByteCount(id) <= DeviceRegistered.MaxIdBytes;

    /// <summary>Whether it can be the value of an HTTP header: not empty, no space around it, no control character.</summary>
    public static bool IsHeaderValue(string value) => value.Length > 0 && value[0] != ' ' && value[^1] != ' ' && IsPlain(value);

    private static bool IsPlain(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
                return false;
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
                return false;
        }
        return true;
    }
}
