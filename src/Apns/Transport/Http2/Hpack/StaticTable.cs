using System.Text;

namespace PushFanout.Apns.Transport.Http2.Hpack;

/// <summary>RFC 7541, appendix A: the 61 fields that both sides know from the start.</summary>
internal static class StaticTable
{
    public const int MethodPost = 3;
    public const int Path = 4;
    public const int SchemeHttps = 7;

    private static readonly TableEntry[] Entries = Make(
        ":authority", ":method GET", ":method POST", ":path /", ":path /index.html", ":scheme http", ":scheme https",
        ":status 200", ":status 204", ":status 206", ":status 304", ":status 400", ":status 404", ":status 500",
        "accept-charset", "accept-encoding gzip, deflate", "accept-language", "accept-ranges", "accept", "access-control-allow-origin",
        "age", "allow", "authorization", "cache-control", "content-disposition", "content-encoding", "content-language", "content-length",
        "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect", "expires", "from", "host", "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified", "link", "location", "max-forwards",
        "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after", "server", "set-cookie",
        "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate");

    public static int Count => Entries.Length;

    /// <param name="index">From 1.</param>
    public static TableEntry Get(int index) => Entries[index - 1];

    /// <returns>Index of the field, or of another one with its name and then <paramref name="whole"/> is false; 0 when there is none.</returns>
    public static int Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, out bool whole)
    {
        whole = false;
        var sameName = 0;
        for (var i = 0; i < Entries.Length; i++)
        {
            if (Entries[i].HasName(name))
            {
                if (Entries[i].HasValue(value))
                {
                    whole = true;
                    return i + 1;
                }
                sameName = sameName == 0 ? i + 1 : sameName;
            }
        }
        return sameName;
    }

    private static TableEntry[] Make(params ReadOnlySpan<string> fields)
    {
        var entries = new TableEntry[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            var space = fields[i].IndexOf(' ', StringComparison.Ordinal);
            var (name, value) = space < 0 ? (fields[i], "") : (fields[i][..space], fields[i][(space + 1)..]);
            entries[i] = new TableEntry(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
        }
        return entries;
    }
}
