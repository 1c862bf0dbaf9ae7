using PushFanout.TokenCache;
using StackExchange.Redis;

namespace PushFanout.Worker.Ledger;

/// <summary>Reads the answer of a script from front to back, as the script wrote it.</summary>
internal sealed class LedgerReply(RedisResult answer)
{
    private readonly RedisResult[] _items = (RedisResult[])answer!;
    private int _next;

    public bool HasMore => _next < _items.Length;

    public string Text() => (string)_items[_next++]!;

    public byte[] Bytes() => (byte[]?)_items[_next++] ?? [];

    public int Int() => (int)_items[_next++];

    public int? IntOrNone() => (int?)_items[_next++];

    public long Long() => (long)_items[_next++];

    public bool Bool() => Int() == 1;

    public DateTimeOffset Time() => DateTimeOffset.FromUnixTimeMilliseconds(Long());

    public NotificationState State() => ParseState(Text());

    public int[] Ints() => [.. ((RedisResult[])_items[_next++]!).Select(item => (int)item)];

    public LedgerProgress Progress() => new(State(), Bool(), Int(), Time());

    public RangeContent Content()
    {
        var bytes = Bytes();
        var count = Int();
        return new(new PackedTokens(bytes, count), Convert.ToUInt64(Text(), 16));
    }

    /// <summary>What <c>stored.lua</c> answers.</summary>
    public StoredNotification Stored(Guid id)
    {
        var state = State();
        var now = Time();
        var complete = Bool();
        var settled = Long();
        var released = Int();
        var unfinished = Ints();
        var app = Text();
        var request = Bytes();
        var rangeEnds = ParsePlan(Text());
        var requestedAt = LedgerTime.FromUnixMicroseconds(Long());
        return new(id, app, request, rangeEnds, released, unfinished, state, complete, settled, requestedAt, ShortWay: Bool(), now, Ticked: IntOrNone());
    }

    public static NotificationState ParseState(string state) => state switch
    {
        "running" => NotificationState.Running,
        "paused" => NotificationState.Paused,
        "cancelled" => NotificationState.Cancelled,
        "expired" => NotificationState.Expired,
        "done" => NotificationState.Done,
        _ => throw new TokenCacheUnavailableException($"The ledger holds a state that this version does not know: {state}."),
    };

    public static string FormatPlan(IReadOnlyList<int> rangeEnds) => string.Join(',', rangeEnds);

    private static int[] ParsePlan(string plan) =>
        plan.Length == 0 ? [] : [.. plan.Split(',').Select(end => int.Parse(end, System.Globalization.CultureInfo.InvariantCulture))];
}
