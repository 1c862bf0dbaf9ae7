namespace PushFanout.Worker.Dispatch;

/// <summary>One batch that waits for permits.</summary>
/// <param name="until">Then it goes without.</param>
internal sealed class WaitingBatch(int wanted, TimeSpan until)
{
    private readonly TaskCompletionSource<int> _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Wanted => wanted;

    /// <summary>False when it does not wait any more, and the permits are somebody else's.</summary>
    public bool TryGrant(int permits) => _granted.TrySetResult(permits);

    public void Fail(Exception failure) => _granted.TrySetException(failure);

    /// <summary>Whether it is out of the line now, one way or the other.</summary>
    public bool Leaves(TimeSpan now) => _granted.Task.IsCompleted || (now >= until && _granted.TrySetResult(0));

    public async ValueTask<int> GrantedAsync(CancellationToken cancellationToken)
    {
        await using var cancelled = cancellationToken.UnsafeRegister(
            static (granted, token) => ((TaskCompletionSource<int>)granted!).TrySetCanceled(token), _granted);
        return await _granted.Task;
    }
}
