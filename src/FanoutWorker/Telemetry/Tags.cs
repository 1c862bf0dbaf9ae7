namespace PushFanout.Worker.Telemetry;

/// <summary>Names of tags on our instruments.</summary>
internal static class Tags
{
    public const string App = "pushfanout.app";
    public const string Answer = "pushfanout.answer";
    public const string Code = "pushfanout.code";
    public const string Connection = "pushfanout.connection";
    public const string Credential = "pushfanout.credential";
    public const string Environment = "pushfanout.environment";
    public const string Kind = "pushfanout.kind";
    public const string Lane = "pushfanout.lane";
    public const string Outcome = "pushfanout.outcome";
    public const string Queue = "pushfanout.queue";
    public const string Reason = "pushfanout.reason";
    public const string Result = "pushfanout.result";
    public const string State = "pushfanout.state";
    public const string Tier = "pushfanout.tier";
    public const string Verdict = "pushfanout.verdict";
}
