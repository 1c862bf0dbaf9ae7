using System.Globalization;
using StackExchange.Redis;

namespace PushFanout.Worker.Ledger;

/// <summary>The fields of a record (the hash <c>m</c>) as counts and status.</summary>
internal sealed class StoredRecord(Guid id, IEnumerable<KeyValuePair<string, RedisValue>> fields)
{
    private readonly Dictionary<string, RedisValue> _fields = new(fields);

    /// <summary>The answer of a script that ends in HGETALL.</summary>
    public static StoredRecord From(Guid id, RedisResult answer) =>
        new(id, ((RedisValue[])answer!).Chunk(2).Select(pair => KeyValuePair.Create((string)pair[0]!, pair[1])));

    /// <summary>False for a remembered control message, which is no notification yet.</summary>
    public bool Exists => _fields.ContainsKey("digest");

    public NotificationTotals Totals()
    {
        var size = Long("size");
        long[] byOutcome = [0, .. Enumerable.Range(1, 7).Select(outcome => Long($"c{outcome}"))];
        byOutcome[0] = size - byOutcome.Sum();
        return new(
            id, Text("app"), LedgerReply.ParseState(_fields.ContainsKey("ended") ? Text("ended") : Text("state")), size, byOutcome, ByValue(),
            Long("ambiguous"), Long("late"), Exact: !_fields.ContainsKey("inexact"), (int)Long("malformed"), (int)Long("usersWithoutDevices"),
            RequestedAt, Time("firstPushAt"), Time("completedAt"), _fields.TryGetValue("request", out var request) ? (byte[])request! : default);
    }

    public NotificationStatus Status() =>
        new(Totals(), LedgerReply.ParseState(Text("state")),
            _fields.ContainsKey("stateAt") ? LedgerTime.FromUnixMicroseconds(Long("stateAt")) : RequestedAt,
            (int)Long("ranges"), (int)Long("expanded"));

    private DateTimeOffset RequestedAt => LedgerTime.FromUnixMicroseconds(Long("requestedAt"));

    private SortedDictionary<byte, long> ByValue() => new(_fields
        .Where(field => field.Key is ['v', >= '0' and <= '9', ..] && (long)field.Value > 0)
        .ToDictionary(field => byte.Parse(field.Key.AsSpan(1), CultureInfo.InvariantCulture), field => (long)field.Value));

    private string Text(string field) => (string)_fields[field]!;

    private long Long(string field) => _fields.TryGetValue(field, out var value) ? (long)value : 0;

    private DateTimeOffset? Time(string field) =>
        _fields.ContainsKey(field) ? DateTimeOffset.FromUnixTimeMilliseconds(Long(field)) : null;
}
