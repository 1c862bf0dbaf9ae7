using System.Globalization;

namespace PushFanout.ApnsSimulator;

/// <summary>Counts answers by status and by reason. Reasons get a one-byte code; past 254 different ones they share the last.</summary>
internal sealed class AnswerTally
{
    public const byte AcceptedCode = 0;
    private const byte OtherCode = byte.MaxValue;
    private const string Other = "(other)";
    private readonly List<string?> reasons = [null];
    private readonly Dictionary<string, byte> codes = [];
    private readonly Dictionary<int, long> byStatus = [];
    private readonly long[] byCode = new long[byte.MaxValue + 1];

    public long Answered { get; private set; }

    public long Accepted => byCode[AcceptedCode];

    public string? ReasonOf(byte code) => code == OtherCode ? Other : reasons[code];

    public void Accept() => Count(200, AcceptedCode);

    public byte Refuse(PushReply reply)
    {
        var code = CodeOf(reply.Reason ?? "");
        Count(reply.Status, code);
        return code;
    }

    public Dictionary<string, long> ByStatus() => byStatus.OrderBy(s => s.Key).ToDictionary(s => s.Key.ToString(CultureInfo.InvariantCulture), s => s.Value);

    public Dictionary<string, long> ByReason() =>
        Enumerable.Range(1, byte.MaxValue).Where(code => byCode[code] > 0).ToDictionary(code => ReasonOf((byte)code)!, code => byCode[code]);

    private void Count(int status, byte code)
    {
        Answered++;
        byCode[code]++;
        byStatus[status] = byStatus.GetValueOrDefault(status) + 1;
    }

    private byte CodeOf(string reason)
    {
        if (codes.TryGetValue(reason, out var code))
        {
            return code;
        }
        if (reasons.Count == OtherCode)
        {
            return OtherCode;
        }
        reasons.Add(reason);
        return codes[reason] = (byte)(reasons.Count - 1);
    }
}
