namespace PushFanout.Contracts;

/// <summary>Makes what a sender wrote fit for a fault's text, which ends up in logs: short, printable, and never a device token.</summary>
internal static class ShownText
{
    public const int MaxLength = 64;
    // Much shorter than any token that Apple gave out, much longer than a word that happens to be hex.
    private const int TokenLikeLength = 32;

    public static string Of(string text)
    {
        if (LooksLikeToken(text))
            return "(hex digits)";
        var cut = text.Length <= MaxLength ? text : text[..MaxLength];
        return string.Create(cut.Length, cut, static (shown, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                shown[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
        });
    }

    private static bool LooksLikeToken(string text)
    {
        var run = 0;
        foreach (var character in text)
        {
            run = char.IsAsciiHexDigit(character) ? run + 1 : 0;
            if (run >= TokenLikeLength)
                return true;
        }
        return false;
    }
}
