namespace PushFanout.Apns.Answers;

/// <summary>What a server says in words of its own, which end in logs.</summary>
internal static class ForeignText
{
    /// <summary>A server that repeats a request must not bring device tokens or parts of a JWT into a log; Apple's words have no digits.</summary>
    private const int SecretFrom = 16;

    /// <summary>Only what is printable stays, so that nothing pretends to be a line of the log, and nothing that may be a secret.</summary>
    public static void MakeFit(Span<char> text)
    {
        foreach (ref var c in text)
        {
            c = c is >= ' ' and <= '~' ? c : '?';
        }
        while (!text.IsEmpty)
        {
            var end = 0;
            while (end < text.Length && IsOfSecret(text[end]))
            {
                end++;
            }
            if (end >= SecretFrom && text[..end].ContainsAnyInRange('0', '9'))
            {
                text[..end].Fill('*');
            }
            text = text[Math.Min(end + 1, text.Length)..];
        }
    }

    /// <summary>Of hexadecimal, Base64 and Base64Url.</summary>
    private static bool IsOfSecret(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '+' or '=';
}
