using PushFanout.TokenCache;

namespace PushFanout.Worker.Ledger;

/// <summary>The tokens of one range in a fixed order.</summary>
/// <param name="Tokens">The tokens, packed.</param>
/// <param name="Digest64">Hash of the packed bytes: a position means something only together with this.</param>
internal readonly record struct RangeContent(PackedTokens Tokens, ulong Digest64)
{
    public static RangeContent Of(PackedTokens tokens) => new(tokens, TokenHash.Of(tokens.Bytes.Span));

    /// <summary>With bytes of its own, for whoever keeps it longer than the writer's buffer lasts.</summary>
    public RangeContent Copied() => this with { Tokens = new PackedTokens(Tokens.Bytes.ToArray(), Tokens.Count) };

    public override string ToString() => $"{Tokens.Count} tokens";
}

internal enum SnapVerdict : byte
{
    /// <summary>The content given is now what the range holds.</summary>
    Stored,
    /// <summary>Somebody stored it before: publish <see cref="SnapResult.Content"/> instead of what was given.</summary>
    UseStored,
    /// <summary>Every batch of the range was confirmed before: nothing to publish.</summary>
    Done,
    /// <summary>There is no record of the notification.</summary>
    Lost,
}

/// <param name="Verdict">What to do.</param>
/// <param name="State">State of the notification: paused waits; cancelled and expired only count.</param>
/// <param name="Generation">Goes into every batch of the range.</param>
/// <param name="Content">What to publish (given or stored).</param>
/// <param name="Now">Redis time.</param>
internal readonly record struct SnapResult(SnapVerdict Verdict, NotificationState State, int Generation, RangeContent Content, DateTimeOffset Now);
