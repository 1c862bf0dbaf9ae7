using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// The header block of a push, as Apple advises: what many pushes share is indexed once; path, provider token and id are sent as they are. What
/// comes out the same for every push of a notification is encoded once and then copied.
/// </summary>
internal sealed class RequestHeaders(string authority, bool indexAuthorization)
{
    /// <summary>Of the longest topic, type, authority, token and ids that a push can have.</summary>
    public const int MaxBytes = 2048;

    private const int IdLength = 36;

    /// <summary>A smaller table would be turned over all the time.</summary>
    private const int SmallestUsefulTable = 1024;

    private readonly HpackEncoder encoder = new();
    private readonly byte[] authority = Encoding.ASCII.GetBytes(authority);
    private readonly Shared[] shared = [.. Enumerable.Range(0, 64).Select(_ => new Shared())];
    private readonly byte[] front = new byte[300];
    private int frontLength;
    private long frontOf = -1;
    private readonly byte[] idName = new byte[16];
    private int idNameLength;
    private long idNameOf = -1;
    private ProviderTokenValue? authorization;
    private byte[] authorizationField = [];

    /// <summary>The server has said how large a table it keeps.</summary>
    public void LimitTable(int size, int smallest)
    {
        encoder.LimitTable(size, smallest);
        frontOf = idNameOf = -1;
        foreach (var known in shared)
        {
            known.Forget();
        }
    }

    /// <returns>How many bytes were written.</returns>
    public int Encode(Span<byte> to, Push push)
    {
        var at = encoder.BeginBlock(to);
        at += Front(to[at..]);
        at += Path(to[at..], push.Token.Span);
        at += Authorization(to[at..], push.Authorization);
        at += SharedFields(to[at..], push.Notification);
        if (push.Notification.IdSeed is { } seed)
        {
            at += Id(to[at..], ApnsId.For(seed, push.Token.Span));
        }
        return at;
    }

    private Indexing IfUseful => encoder.TableSize < SmallestUsefulTable ? Indexing.None : Indexing.Incremental;

    /// <summary>The pseudo-headers but for the path; some servers insist on their coming first.</summary>
    private int Front(Span<byte> to)
    {
        if (frontOf != encoder.TableChanges)
        {
            front[0] = 0x80 | StaticTable.MethodPost;
            front[1] = 0x80 | StaticTable.SchemeHttps;
            var before = encoder.TableChanges;
            frontLength = 2 + encoder.Field(front.AsSpan(2), ":authority"u8, authority, IfUseful);
            frontOf = before == encoder.TableChanges ? before : -1;
        }
        front.AsSpan(0, frontLength).CopyTo(to);
        return frontLength;
    }

    private static int Path(Span<byte> to, ReadOnlySpan<byte> token)
    {
        var prefix = "/3/device/"u8;
        to[0] = StaticTable.Path; // a literal that nobody is to remember
        var at = 1 + HpackInteger.Encode(to[1..], 0, 7, prefix.Length + (2 * token.Length));
        prefix.CopyTo(to[at..]);
        at += prefix.Length;
        Convert.TryToHexStringLower(token, to[at..], out var length);
        return at + length;
    }

    private int Authorization(Span<byte> to, ProviderTokenValue? token)
    {
        if (token is null)
        {
            return 0;
        }
        if (indexAuthorization)
        {
            return encoder.Field(to, "authorization"u8, token.Header.Span, IfUseful);
        }
        if (!ReferenceEquals(token, authorization))
        {
            authorization = token;
            authorizationField = to[..encoder.Field(to, "authorization"u8, token.Header.Span, Indexing.None)].ToArray();
        }
        authorizationField.CopyTo(to);
        return authorizationField.Length;
    }

    private int SharedFields(Span<byte> to, ApnsNotification notification)
    {
        var known = shared[RuntimeHelpers.GetHashCode(notification) & (shared.Length - 1)];
        if (known.IsOf(notification, encoder.TableChanges))
        {
            known.Bytes.CopyTo(to);
            return known.Bytes.Length;
        }
        var before = encoder.TableChanges;
        var length = EncodeShared(to, notification, comesAgain: known.Saw(notification));
        if (before == encoder.TableChanges)
        {
            known.Keep(to[..length], before);
        }
        return length;
    }

    /// <param name="comesAgain">
    /// Not the first push of this notification: its own values are worth a place in the table. Those of single pushes would only push the others out.
    /// </param>
    private int EncodeShared(Span<byte> to, ApnsNotification notification, bool comesAgain)
    {
        Span<byte> text = stackalloc byte[256];
        var at = Field(to, "apns-topic"u8, Utf8(notification.Topic, text), IfUseful);
        at += Field(to[at..], "apns-push-type"u8, Utf8(notification.PushType, text), IfUseful);
        if (notification.Priority is { } priority)
        {
            at += Field(to[at..], "apns-priority"u8, Digits(priority, text), IfUseful);
        }
        if (notification.CollapseId is { } collapseId)
        {
            at += Field(to[at..], "apns-collapse-id"u8, Utf8(collapseId, text), OwnValue("apns-collapse-id"u8, comesAgain));
        }
        if (notification.ExpirationUnixSeconds is { } expiration)
        {
            at += Field(to[at..], "apns-expiration"u8, Digits(expiration, text), OwnValue("apns-expiration"u8, comesAgain));
        }
        return at;
    }

    /// <summary>The first one is indexed so that its name is known; a whole one never comes again.</summary>
    private int Id(Span<byte> to, Guid id)
    {
        if (idNameOf != encoder.TableChanges)
        {
            if (IfUseful == Indexing.Incremental && !encoder.KnowsName("apns-id"u8))
            {
                Span<byte> text = stackalloc byte[IdLength];
                id.TryFormat(text, out _);
                return encoder.Field(to, "apns-id"u8, text, Indexing.Incremental);
            }
            idNameLength = encoder.NameOfLiteral(idName, "apns-id"u8);
            idNameOf = encoder.TableChanges;
        }
        idName.AsSpan(0, idNameLength).CopyTo(to);
        to[idNameLength] = IdLength;
        id.TryFormat(to[(idNameLength + 1)..], out var length);
        return idNameLength + 1 + length;
    }

    private int Field(Span<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, Indexing indexing) => encoder.Field(to, name, value, indexing);

    private Indexing OwnValue(ReadOnlySpan<byte> name, bool comesAgain) => comesAgain || !encoder.KnowsName(name) ? IfUseful : Indexing.None;

    private static ReadOnlySpan<byte> Utf8(string value, Span<byte> buffer) => buffer[..Encoding.UTF8.GetBytes(value, buffer)];

    private static ReadOnlySpan<byte> Digits(long value, Span<byte> buffer)
    {
        value.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture);
        return buffer[..length];
    }

    /// <summary>What the fields of one notification come to while the table is as it was.</summary>
    private sealed class Shared
    {
        private readonly byte[] buffer = new byte[1024];
        private ApnsNotification? notification;
        private long changes = -1;
        private int length;

        public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, length);

        public bool IsOf(ApnsNotification other, long tableChanges) => changes == tableChanges && ReferenceEquals(notification, other);

        /// <returns>Whether it was the last one here already.</returns>
        public bool Saw(ApnsNotification next)
        {
            var again = ReferenceEquals(notification, next);
            notification = next;
            changes = -1;
            return again;
        }

        public void Keep(ReadOnlySpan<byte> bytes, long tableChanges)
        {
            bytes.CopyTo(buffer);
            length = bytes.Length;
            changes = tableChanges;
        }

        public void Forget() => changes = -1;
    }
}
