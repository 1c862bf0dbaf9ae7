using PushFanout.Apns.Connections;
using PushFanout.Apns.Credentials;

namespace PushFanout.Apns.Sending;

/// <summary>Every push that has a connection, and what may still happen to it. Belongs to the pump's gate.</summary>
internal sealed class PushesInFlight(ApnsClientOptions options, TimeProvider clock)
{
    private readonly List<Push> pushes = [];
    private readonly Stack<Push> spare = new();

    public int Count => pushes.Count;

    public void Begin(in PendingPush pending, ApnsConnection connection, ProviderTokenValue? authorization, long now)
    {
        if (!spare.TryPop(out var push))
        {
            push = new Push();
        }
        push.Prepare(pending, connection, authorization, now);
        push.Position = pushes.Count;
        pushes.Add(push);
        connection.InFlight++;
        connection.Unwritten.Enqueue(push);
    }

    /// <summary>It is not in flight any more. Somebody may still hold it: see <see cref="Spare"/>.</summary>
    public void End(Push push)
    {
        var last = pushes[^1];
        pushes[push.Position] = last;
        last.Position = push.Position;
        pushes.RemoveAt(pushes.Count - 1);
        push.Connection.InFlight--;
    }

    /// <summary>Nobody holds the push any more: it may serve again.</summary>
    public void Spare(Push push) => spare.Push(push);

    /// <summary>Stops the lists that <paramref name="wanted"/> picks.</summary>
    /// <param name="withdrawn">Gets their pushes of which nothing has been written; they have ended.</param>
    public void Withdraw(Predicate<PushList> wanted, List<Push> withdrawn)
    {
        foreach (var push in pushes)
        {
            if (wanted(push.List))
            {
                push.List.Stopped = true;
                TryWithdraw(push, withdrawn);
            }
        }
        EndAll(withdrawn);
    }

    /// <param name="withdrawn">Gets the pushes that have waited too long for their turn; they have ended.</param>
    /// <param name="overdue">Gets those that have waited too long for an answer: their connection is to give them up.</param>
    public void TakeLate(List<Push> withdrawn, List<Push> overdue)
    {
        var now = clock.GetTimestamp();
        foreach (var push in pushes)
        {
            if (push.Stage == PushStage.Begun && clock.GetElapsedTime(push.BegunAt, now) >= options.StartTimeout)
            {
                TryWithdraw(push, withdrawn);
            }
            else if (push.Stage is PushStage.Written or PushStage.Overdue && clock.GetElapsedTime(push.WrittenAt, now) >= options.AnswerTimeout)
            {
                push.Stage = PushStage.Overdue;
                overdue.Add(push); // again at every look, until its connection is done with it
            }
        }
        EndAll(withdrawn);
    }

    private void EndAll(List<Push> withdrawn)
    {
        foreach (var push in withdrawn)
        {
            End(push);
        }
        foreach (var connection in withdrawn.Select(push => push.Connection).Distinct())
        {
            connection.SiftUnwritten();
        }
    }

    private static void TryWithdraw(Push push, List<Push> withdrawn)
    {
        if (push.Stage == PushStage.Begun)
        {
            push.Stage = PushStage.Withdrawn;
            withdrawn.Add(push);
        }
    }
}
