using System.Threading.Tasks.Sources;

namespace PushFanout.Apns.Sending;

/// <summary>A list of one token that can be awaited, used again by one call after another.</summary>
internal sealed class SinglePush : IPushAnswers, IValueTaskSource<PushAnswer>
{
    private readonly ReadOnlyMemory<byte>[] token = new ReadOnlyMemory<byte>[1];
    private ManualResetValueTaskSourceCore<PushAnswer> answer = new() { RunContinuationsAsynchronously = true };

    public PushList List { get; } = new();

    public ValueTask<PushAnswer> Answer => new(this, answer.Version);

    public void Prepare(ApnsNotification notification, ReadOnlyMemory<byte> deviceToken, ApnsSendOptions options)
    {
        answer.Reset();
        token[0] = deviceToken;
        List.Prepare(notification, token, this, options);
    }

    public void OnAnswer(int index, in PushAnswer given) => answer.SetResult(given);

    PushAnswer IValueTaskSource<PushAnswer>.GetResult(short version) => answer.GetResult(version);

    ValueTaskSourceStatus IValueTaskSource<PushAnswer>.GetStatus(short version) => answer.GetStatus(version);

    void IValueTaskSource<PushAnswer>.OnCompleted(
        Action<object?> continuation, object? state, short version, ValueTaskSourceOnCompletedFlags flags) =>
        answer.OnCompleted(continuation, state, version, flags);
}
