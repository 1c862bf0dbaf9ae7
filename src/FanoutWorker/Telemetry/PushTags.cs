using PushFanout.Apns;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Telemetry;

/// <summary>Tags of what is counted per push, made once for each combination that occurs.</summary>
internal sealed class PushTags
{
    private static readonly string[] AnswerWords = [.. Enum.GetValues<Answer>().Select(SnakeCase)];
    private static readonly string[] OutcomeWords = [.. Enum.GetValues<Outcome>().Select(SnakeCase)];
    private static readonly string[] OutcomeReasonWords = [.. Enum.GetValues<OutcomeReason>().Select(reason => reason.ToString())];

    private static readonly KeyValuePair<string, object?>[][] ByAnswer = [.. AnswerWords.Select(word => new KeyValuePair<string, object?>[] { new(Tags.Answer, word) })];

    private readonly LaneTags _shortLane = new("short");
    private readonly LaneTags _urgent = new("urgent");
    private readonly LaneTags _normal = new("normal");
    private readonly LaneTags _bulk = new("bulk");

    public LaneTags Of(string lane) => lane switch
    {
        "short" => _shortLane,
        "urgent" => _urgent,
        "normal" => _normal,
        "bulk" => _bulk,
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, "there is no such lane"),
    };

    public static ReadOnlySpan<KeyValuePair<string, object?>> Of(Answer answer) => ByAnswer[(int)answer];

    public static string WordOf(Answer answer) => AnswerWords[(int)answer];

    public static string WordOf(Outcome outcome) => OutcomeWords[(int)outcome];

    public static string WordOf(OutcomeReason reason) => OutcomeReasonWords[(int)reason];

    public static string SnakeCase<T>(T value) where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    internal sealed class LaneTags
    {
        private readonly KeyValuePair<string, object?> _lane;
        private readonly KeyValuePair<string, object?>[] _laneOnly;

        // Which reasons come with which answer is the client's business, so there is room for all; few are ever made.
        private readonly KeyValuePair<string, object?>[]?[] _byAnswerAndReason = new KeyValuePair<string, object?>[AnswerWords.Length << 8][];

        public LaneTags(string name)
        {
            _lane = new(Tags.Lane, name);
            _laneOnly = [_lane];
        }

        public ReadOnlySpan<KeyValuePair<string, object?>> Lane => _laneOnly;

        public ReadOnlySpan<KeyValuePair<string, object?>> Of(Answer answer, ApnsReason reason)
        {
            // Two threads may both make an entry; either is right.
            ref var tags = ref _byAnswerAndReason[((int)answer << 8) | (int)reason];
            return tags ??= [new(Tags.Answer, WordOf(answer)), new(Tags.Reason, reason.ToString()), _lane];
        }
    }
}
