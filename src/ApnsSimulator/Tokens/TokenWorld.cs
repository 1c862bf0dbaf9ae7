using System.Collections.Concurrent;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// Which device tokens are good. Any well-formed token is, unless it is scripted, a share picks it by its hash (so a million
/// tokens need no table), or everybody came to the wrong environment. May be changed at any time.
/// </summary>
public sealed class TokenWorld
{
    private readonly ConcurrentDictionary<ulong, Script> scripts = new();
    private readonly TimeProvider time;
    private readonly ulong salt;

    internal TokenWorld(SimulatorOptions options)
    {
        time = options.TimeProvider;
        salt = DeviceTokenHash.Finish((ulong)options.Seed + 0x5851f42d4c957f2dUL);
        UnregisteredShare = options.UnregisteredShare;
        ExpiredShare = options.ExpiredShare;
        BadTokenShare = options.BadTokenShare;
        WrongTopicShare = options.WrongTopicShare;
        UnregisteredSince = options.UnregisteredSince;
    }

    /// <summary>True: every token belongs to the other environment and is answered <c>BadDeviceToken</c>.</summary>
    public bool WrongEnvironment { get; set; }
    /// <summary>See <see cref="SimulatorOptions.UnregisteredShare"/>.</summary>
    public double UnregisteredShare { get; set; }
    /// <summary>See <see cref="SimulatorOptions.ExpiredShare"/>.</summary>
    public double ExpiredShare { get; set; }
    /// <summary>See <see cref="SimulatorOptions.BadTokenShare"/>.</summary>
    public double BadTokenShare { get; set; }
    /// <summary>See <see cref="SimulatorOptions.WrongTopicShare"/>.</summary>
    public double WrongTopicShare { get; set; }
    /// <summary>See <see cref="SimulatorOptions.UnregisteredSince"/>.</summary>
    public DateTimeOffset? UnregisteredSince { get; init; }

    /// <summary>Answers a token in this way, whatever the shares say; 200 accepts it.</summary>
    public void Answer(
        ReadOnlySpan<byte> token, int status, string? reason = null, DateTimeOffset? timestamp = null, int times = int.MaxValue) =>
        Strike(token, Fault.Answer(status, reason, timestamp), times);

    /// <summary>Lets a fault happen to a token's next pushes, in place of an earlier script for it.</summary>
    public void Strike(ReadOnlySpan<byte> token, Fault fault, int times = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        scripts[DeviceTokenHash.Of(token)] = new Script(fault, times);
    }

    /// <summary>Takes every script and share back: all tokens are good again.</summary>
    public void Clear()
    {
        scripts.Clear();
        WrongEnvironment = false;
        UnregisteredShare = ExpiredShare = BadTokenShare = WrongTopicShare = 0;
    }

    /// <summary>The reason for which the shares refuse a token, or null when they leave it alone.</summary>
    public string? RefusedByShare(ReadOnlySpan<byte> token) => ShareOf(DeviceTokenHash.Of(token))?.Reason;

    internal Fault? FaultFor(ulong tokenHash) =>
        !scripts.IsEmpty && scripts.TryGetValue(tokenHash, out var script) && script.Take() ? script.Fault : null;

    internal PushReply? ShareOf(ulong tokenHash)
    {
        double roll = Dice.ToUnit(DeviceTokenHash.Finish(tokenHash ^ salt));
        if ((roll -= BadTokenShare) < 0)
        {
            return Refusals.BadDeviceToken;
        }
        if ((roll -= WrongTopicShare) < 0)
        {
            return Refusals.DeviceTokenNotForTopic;
        }
        if ((roll -= UnregisteredShare) < 0)
        {
            return Gone("Unregistered");
        }
        return roll < ExpiredShare ? Gone("ExpiredToken") : null;
    }

    private PushReply Gone(string reason) => new(410, reason, UnregisteredSince ?? time.GetUtcNow());

    private sealed class Script(Fault fault, int times)
    {
        public Fault Fault => fault;

        public bool Take() => times == int.MaxValue || Interlocked.Decrement(ref times) >= 0;
    }
}
