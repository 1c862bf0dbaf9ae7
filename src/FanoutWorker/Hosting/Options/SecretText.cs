using System.Text;

namespace PushFanout.Worker.Hosting;

/// <summary>A password or key that a file holds: its text without the line end at its end.</summary>
internal sealed class SecretText
{
    /// <summary>More is not what the operator meant to name.</summary>
    private const int MaxBytes = 4096;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _text;

    private SecretText(string text) => _text = text;

    /// <summary>The secret itself: for a login, never for a message.</summary>
    public string Reveal() => _text;

    /// <exception cref="IOException">The file cannot be used; the message says why, never what is in it.</exception>
    public static SecretText Read(string path) => TryRead(path, out var fault) ?? throw new IOException($"{path}: {fault}");

    /// <returns>The secret; null together with a <paramref name="fault"/>.</returns>
    public static SecretText? TryRead(string path, out string fault)
    {
        if (!ReadableFile.TryRead(path, MaxBytes, secret: true, out var content, out fault))
        {
            return null;
        }
        try
        {
            var text = Strict.GetString(content).TrimEnd('\r', '\n');
            fault = text.Length == 0 ? "the file is empty"
                : text.Any(char.IsControl) ? "the file must hold one line and nothing else" : "";
            return fault.Length == 0 ? new SecretText(text) : null;
        }
        catch (DecoderFallbackException)
        {
            fault = "the file is not UTF-8 text";
            return null;
        }
    }

    public override string ToString() => "(secret)";
}
