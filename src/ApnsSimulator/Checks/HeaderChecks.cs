using System.Buffers;
using System.Globalization;
using System.Text;

namespace PushFanout.ApnsSimulator;

/// <summary>The headers that say how a push is to be treated: type, id, priority, expiration, collapse id, in this order.</summary>
internal sealed class HeaderChecks(SimulatorOptions options, LintFindings findings)
{
    private const int MaxCollapseIdBytes = 64;
    private const long FirstMillisecondTime = 100_000_000_000; // as seconds this is the year 5138
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("0123456789abcdefABCDEF-");

    public PushReply? Refuse(in PushHeaders headers, out PushType type)
    {
        return RefuseType(headers, out type)
            ?? (headers.Id is { } id && !TryReadId(id, out _) ? Refusals.BadMessageId : null)
            ?? RefusePriority(headers.Priority, type)
            ?? (headers.Expiration is { } expiration && !IsExpiration(expiration) ? Refusals.BadExpirationDate : null)
            ?? (headers.CollapseId is { } collapse && Encoding.UTF8.GetByteCount(collapse) > MaxCollapseIdBytes ? Refusals.BadCollapseId : null);
    }

    /// <summary>Reads 8-4-4-4-12 hexadecimal digits, and nothing more lenient.</summary>
    public static bool TryReadId(string text, out Guid id)
    {
        id = default;
        return text.Length == 36 && !text.AsSpan().ContainsAnyExcept(IdCharacters) && Guid.TryParseExact(text, "D", out id);
    }

    private PushReply? RefuseType(in PushHeaders headers, out PushType type)
    {
        if (headers.PushType is null)
        {
            findings.Count(Finding.MissingPushType);
            type = PushType.Alert;
            return null;
        }
        type = PushType.Find(headers.PushType) ?? PushType.Alert;
        return PushType.Find(headers.PushType) is { } known && PushType.SuffixOf(headers.Topic!) == known.TopicSuffix ? null : Refusals.InvalidPushType;
    }

    private PushReply? RefusePriority(string? priority, PushType type)
    {
        if (priority is not (null or "10" or "5" or "1"))
        {
            return Refusals.BadPriority;
        }
        if (!type.IsBackground || priority is "5" or "1")
        {
            return null;
        }
        findings.Count(Finding.BackgroundAtPriority10);
        return options.RefuseBackgroundAtPriority10 ? Refusals.BadPriority : null;
    }

    private static bool IsExpiration(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < FirstMillisecondTime;
}
