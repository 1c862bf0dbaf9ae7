using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using PushFanout.Contracts;

namespace PushFanout.Worker.Http;

/// <summary>
/// The id of a request that has none in its body. With a header <c>Idempotency-Key</c> it follows from that, app and source, so that a repeated call
/// is the same request on whichever worker it lands; without, it is a new one.
/// </summary>
internal static class RequestId
{
    public const string Header = "Idempotency-Key";

    public const int MaxKeyLength = 255;

    /// <summary>Why the header cannot be used; null when it can, or is not there.</summary>
    public static IResult? Refuse(HttpRequest request) =>
        request.Headers[Header] is { Count: > 0 } given && (given.Count > 1 || given[0] is not { Length: > 0 and <= MaxKeyLength })
            ? FaultAnswer.Of(Header, FaultCodes.InvalidValue, $"It must be given once, with 1–{MaxKeyLength} characters.")
            : null;

    public static Guid Of(HttpRequest request, NotificationRequested message, TimeProvider clock) =>
        request.Headers[Header] is [{ } key] ? Named($"{message.App}\n{message.Source}\n{key}") : Guid.CreateVersion7(clock.GetUtcNow());

    /// <summary>A UUID of version 8: 122 bits of a hash.</summary>
    private static Guid Named(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        var id = hash[..16];
        id[6] = (byte)((id[6] & 0x0f) | 0x80);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
