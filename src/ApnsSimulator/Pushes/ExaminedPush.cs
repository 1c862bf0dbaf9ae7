namespace PushFanout.ApnsSimulator;

/// <summary>A push after the checks.</summary>
internal struct ExaminedPush
{
    public ExaminedPush(in PushHeaders headers)
    {
        CollapseId = headers.CollapseId;
        IdGiven = headers.Id is not null && HeaderChecks.TryReadId(headers.Id, out Id);
        Id = IdGiven ? Id : Guid.NewGuid();
        IdText = IdGiven ? headers.Id! : Id.ToString();
    }

    public readonly string? CollapseId;
    public readonly Guid Id;
    /// <summary>The id as the sender wrote it, or as it was made here.</summary>
    public readonly string IdText;
    public readonly bool IdGiven;
    /// <summary>What is wrong with the push, or null.</summary>
    public PushReply? Refusal;
    /// <summary>Of the device token; null when the push was refused before its token was read.</summary>
    public ulong? TokenHash;
}
