namespace PushFanout.Apns.Sending;

/// <param name="FirstBegunAt">Null for a push that was never begun.</param>
internal readonly record struct PendingPush(PushList List, int Index, long? FirstBegunAt, int Resends);

/// <summary>
/// One call's tokens: which are still to begin, which have to begin again, and how many answers are missing. What is still to do
/// belongs to the pump's gate.
/// </summary>
internal sealed class PushList
{
    private readonly PriorityQueue<PendingPush, long> again = new(); // by when they were first begun: else one can be the last time and again
    private int next;
    private int unanswered;
    private TaskCompletionSource? completion;
    private Exception? listenerFault;

    public ApnsNotification Notification { get; private set; } = null!;

    public ReadOnlyMemory<ReadOnlyMemory<byte>> Tokens { get; private set; }

    public IPushAnswers Answers { get; private set; } = null!;

    public bool Urgent { get; private set; }

    public StartLease? Starts { get; private set; }

    public bool Stopped { get; set; }

    public bool Submitted { get; set; }

    /// <summary>Whether it stands in line for streams.</summary>
    public bool Queued { get; set; }

    /// <summary>When it last got a stream, or else when it came.</summary>
    public long WaitingSince { get; set; }

    public bool HasPending => next < Tokens.Length || again.Count > 0;

    /// <summary>Completes when every token has its answer. Faults only when <see cref="IPushAnswers.OnAnswer"/> threw.</summary>
    public Task Completion => (completion ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Prepare(ApnsNotification notification, ReadOnlyMemory<ReadOnlyMemory<byte>> tokens, IPushAnswers answers, ApnsSendOptions options)
    {
        Notification = notification;
        Tokens = tokens;
        Answers = answers;
        Urgent = options.Urgent;
        Starts = options.Starts;
        Stopped = Submitted = Queued = false;
        next = 0;
        unanswered = tokens.Length;
    }

    public PendingPush Take() => again.TryDequeue(out var pending, out _) ? pending : new PendingPush(this, next++, null, 0);

    public void TakeBack(Push push, bool countResend) =>
        again.Enqueue(new PendingPush(this, push.Index, push.FirstBegunAt, push.Resends + (countResend ? 1 : 0)), push.FirstBegunAt);

    /// <summary>What has not begun, taken out of the list; to be answered outside the gate.</summary>
    public int[] TakeRest()
    {
        var begin = next;
        next = Tokens.Length;
        var rest = again.UnorderedItems.Select(pending => pending.Element.Index).Concat(Enumerable.Range(begin, Tokens.Length - begin)).ToArray();
        again.Clear();
        return rest;
    }

    /// <summary>Takes out the pushes that were begun before <paramref name="earliest"/> and have come back; to be answered outside the gate.</summary>
    public int[] TakeLate(long earliest)
    {
        if (!again.TryPeek(out _, out var oldest) || oldest > earliest)
        {
            return [];
        }
        List<int> late = [];
        while (again.TryPeek(out var pending, out var begunAt) && begunAt <= earliest)
        {
            late.Add(pending.Index);
            again.Dequeue();
        }
        return [.. late];
    }

    public void Deliver(int index, in PushAnswer answer)
    {
        if (completion is null)
        {
            Answers.OnAnswer(index, answer); // a single push: nobody waits for the list, and it may be in use again already
            return;
        }
        try
        {
            Answers.OnAnswer(index, answer);
        }
#pragma warning disable CA1031 // a listener's bug must not cost other pushes their stream; it comes out of the call instead
        catch (Exception e)
#pragma warning restore CA1031
        {
            listenerFault ??= e;
        }
        if (Interlocked.Decrement(ref unanswered) > 0)
        {
            return;
        }
        if (listenerFault is null)
        {
            completion.SetResult();
        }
        else
        {
            completion.SetException(listenerFault);
        }
    }
}
