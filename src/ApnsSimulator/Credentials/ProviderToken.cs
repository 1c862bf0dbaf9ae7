using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace PushFanout.ApnsSimulator;

/// <summary>A provider token taken apart, before anybody looked whether it is true.</summary>
internal readonly ref struct ProviderToken
{
    private const int MaxLength = 2048;
    private static readonly SearchValues<byte> Base64UrlDigits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    public string KeyId { get; private init; }
    public string TeamId { get; private init; }
    public long IssuedAt { get; private init; }
    public ReadOnlySpan<byte> Signed { get; private init; }
    public ReadOnlySpan<byte> Signature { get; private init; }

    /// <summary>Reads <c>header.claims.signature</c>; strict allows nothing that RFC 7515 and Apple's page do not show.</summary>
    public static bool TryRead(ReadOnlySpan<byte> token, bool strict, out ProviderToken read)
    {
        read = default;
        var first = token.IndexOf((byte)'.');
        var last = token.LastIndexOf((byte)'.');
        if (token.Length > MaxLength || first <= 0 || last <= first
            || !TryDecode(token[..first], strict, out var header)
            || !TryDecode(token[(first + 1)..last], strict, out var claims)
            || !TryDecode(token[(last + 1)..], strict, out var signature))
        {
            return false;
        }
        try
        {
            var (algorithm, keyId) = ReadHeader(header, strict);
            var (teamId, issuedAt) = ReadClaims(claims, strict);
            if (algorithm != "ES256" || keyId is null || teamId is null || issuedAt is null)
            {
                return false;
            }
            read = new ProviderToken
            {
                KeyId = keyId,
                TeamId = teamId,
                IssuedAt = issuedAt.Value,
                Signed = token[..last],
                Signature = signature,
            };
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static (string? Algorithm, string? KeyId) ReadHeader(byte[] json, bool strict)
    {
        string? algorithm = null;
        string? keyId = null;
        foreach (var field in Fields(json))
        {
            switch (field.Name)
            {
                case "alg": algorithm = field.Value.GetString(); break;
                case "kid": keyId = field.Value.GetString(); break;
                default: Unexpected(strict); break;
            }
        }
        return (algorithm, keyId);
    }

    private static (string? TeamId, long? IssuedAt) ReadClaims(byte[] json, bool strict)
    {
        string? teamId = null;
        long? issuedAt = null;
        foreach (var field in Fields(json))
        {
            switch (field.Name)
            {
                case "iss": teamId = field.Value.GetString(); break;
                case "iat": issuedAt = ReadTime(field.Value, strict); break;
                default: Unexpected(strict); break;
            }
        }
        return (teamId, issuedAt);
    }

    private static long ReadTime(JsonElement value, bool strict) =>
        value.ValueKind is JsonValueKind.String && !strict
            ? long.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture)
            : value.GetInt64();

    private static JsonElement.ObjectEnumerator Fields(byte[] json) =>
        JsonElement.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false }).EnumerateObject();

    private static void Unexpected(bool strict)
    {
        if (strict)
        {
            throw new FormatException("A field that provider tokens do not have.");
        }
    }

    private static bool TryDecode(ReadOnlySpan<byte> text, bool strict, out byte[] bytes)
    {
        bytes = [];
        if (strict && text.ContainsAnyExcept(Base64UrlDigits))
        {
            return false;
        }
        var url = text.ToArray();
        url.AsSpan().Replace((byte)'+', (byte)'-');
        url.AsSpan().Replace((byte)'/', (byte)'_');
        var decoded = new byte[Base64Url.GetMaxDecodedLength(url.Length)];
        if (Base64Url.DecodeFromUtf8(url, decoded, out _, out var written) is not OperationStatus.Done)
        {
            return false;
        }
        bytes = decoded[..written];
        return true;
    }
}
