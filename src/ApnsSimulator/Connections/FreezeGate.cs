using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// Stops every byte of a connection, in both directions, and lets them go again: the connection stays open and dead, as behind a
/// firewall that forgot it. PINGs are not answered either.
/// </summary>
internal sealed class FreezeGate
{
    private volatile TaskCompletionSource? frozen;
    private GuardedPipe? guarded;

    /// <summary>Null while bytes may pass.</summary>
    public Task? Thawed => frozen?.Task;

    public void Freeze() => frozen ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw()
    {
        var ended = frozen;
        frozen = null;
        ended?.TrySetResult();
    }

    /// <summary>Sends what was written and ends the connection. Nothing may be written meanwhile.</summary>
    public void EndOutput() => guarded?.Output.Complete();

    public IDuplexPipe Guard(IDuplexPipe transport) =>
        guarded = new GuardedPipe(new GuardedReader(transport.Input, this), new GuardedWriter(transport.Output, this));

    private sealed record GuardedPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class GuardedReader(PipeReader inner, FreezeGate gate) : PipeReader
    {
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(cancellationToken);
            while (gate.Thawed is { } thawed)
            {
                await thawed;
            }
            return read;
        }

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return gate.Thawed is null && inner.TryRead(out result);
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class GuardedWriter(PipeWriter inner, FreezeGate gate) : PipeWriter
    {
        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            gate.Thawed is null ? inner.FlushAsync(cancellationToken) : FlushThawedAsync(cancellationToken);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private async ValueTask<FlushResult> FlushThawedAsync(CancellationToken cancellation)
        {
            while (gate.Thawed is { } thawed)
            {
                await thawed.WaitAsync(cancellation);
            }
            return await inner.FlushAsync(cancellation);
        }
    }
}
