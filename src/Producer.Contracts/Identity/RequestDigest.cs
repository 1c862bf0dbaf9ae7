using System.Security.Cryptography;

namespace PushFanout.Contracts;

/// <summary>
/// Tells whether two requests with one id are the same request: SHA-256 over what they say, not over how their JSON is written. White
/// space, escapes, the order of fields, the order and repetition of names, users and tokens, and a default that is spelled out make
/// no difference.
/// </summary>
public static class RequestDigest
{
    /// <summary>Size of a digest, in bytes.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    // A field's number is in the digests that the ledger keeps: never change or reuse one. A field that is not given (or has its
    // default) adds nothing, so a field that is new leaves the digests of older requests as they are.
    private enum Field : byte
    {
        NotificationId = 1, App, AnyOf, AllOf, NoneOf, Users, Tokens, Payload, PushType, Lane, Priority, CollapseId, Expiration,
        StoreIfOffline, NotBefore, Deadline, PushesPerSecond, MaxAudience, DryRun, Report, Source, Reference,
    }

    /// <summary>The digest of a valid request, 32 bytes.</summary>
    public static byte[] Of(NotificationRequested request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var content = new DigestWriter();
        content.Add((byte)Field.NotificationId, request.NotificationId.ToByteArray());
        content.Add((byte)Field.App, request.App);
        AddAudience(content, request.Audience);
        content.Add((byte)Field.Payload, request.Payload.Utf8.Span);
        content.AddWord((byte)Field.PushType, request.PushType);
        content.AddWord((byte)Field.Lane, request.Lane);
        content.Add((byte)Field.Priority, request.Priority, notGiven: null);
        content.Add((byte)Field.CollapseId, request.CollapseId);
        content.Add((byte)Field.Expiration, request.Expiration?.UtcTicks, notGiven: null);
        content.Add((byte)Field.StoreIfOffline, request.StoreIfOffline ? 1 : 0, notGiven: 1);
        content.Add((byte)Field.NotBefore, request.NotBefore?.UtcTicks, notGiven: null);
        content.Add((byte)Field.Deadline, request.Deadline?.UtcTicks, notGiven: null);
        content.Add((byte)Field.PushesPerSecond, request.PushesPerSecond, notGiven: null);
        content.Add((byte)Field.MaxAudience, request.MaxAudience, notGiven: null);
        content.Add((byte)Field.DryRun, request.DryRun ? 1 : 0, notGiven: 0);
        content.AddWord((byte)Field.Report, request.Report);
        content.Add((byte)Field.Source, request.Source);
        content.Add((byte)Field.Reference, request.Reference);
        return content.Finish();
    }

    private static void AddAudience(DigestWriter content, Audience audience)
    {
        content.AddSet((byte)Field.AnyOf, audience.AnyOf);
        content.AddSet((byte)Field.AllOf, audience.AllOf);
        content.AddSet((byte)Field.NoneOf, audience.NoneOf);
        content.AddSet((byte)Field.Users, audience.Users);
        content.AddSet((byte)Field.Tokens, audience.Tokens?.Select(token => token.ToLowerInvariant()));
    }
}
