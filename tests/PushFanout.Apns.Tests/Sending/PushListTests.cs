using PushFanout.Apns.Sending;
using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Sending;

public sealed class PushListTests
{
    private static readonly CollectedAnswers Nobody = new(0);

    [Fact]
    public void What_has_come_back_goes_out_before_what_is_new_and_the_oldest_first()
    {
        var list = NewList(4);
        var begun = Enumerable.Range(0, 3).Select(i => Begin(list, begunAt: 100 + i)).ToArray();

        foreach (var i in (int[])[1, 2, 0]) // as a connection gives them back: first what it has not written
        {
            list.TakeBack(begun[i], countResend: false);
        }

        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(_ => list.Take().Index));
        Assert.False(list.HasPending);
    }

    [Fact]
    public void Only_what_has_come_back_too_late_is_given_up()
    {
        var list = NewList(4);
        foreach (var push in Enumerable.Range(0, 3).Select(i => Begin(list, begunAt: 100 + i)).Reverse().ToArray())
        {
            list.TakeBack(push, countResend: false);
        }

        Assert.Equal([0, 1], list.TakeLate(earliest: 101));
        Assert.Empty(list.TakeLate(earliest: 101));
        Assert.Equal([2, 3], list.TakeRest());
        Assert.False(list.HasPending);
    }

    private static PushList NewList(int tokens)
    {
        var list = new PushList();
        list.Prepare(Pushes.Alert, Pushes.Tokens(tokens), Nobody, default);
        return list;
    }

    private static Push Begin(PushList list, long begunAt)
    {
        var push = new Push();
        push.Prepare(list.Take(), connection: null!, authorization: null, begunAt);
        return push;
    }
}
