using PushFanout.Apns.Sending;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>Pushes whose streams ended within one read of the network: the pump gets them together, which costs one lock instead of hundreds.</summary>
internal sealed class AnswersOfOneRead(PushPump pump, FloodGuard flood)
{
    private const int MostAtOnce = 512;

    private readonly Push[] ended = new Push[MostAtOnce];
    private int count;

    /// <summary>How many this read has brought.</summary>
    public int Brought { get; private set; }

    /// <summary>The next read begins.</summary>
    public void Begin() => Brought = 0;

    public void Add(Http2Stream stream, in ExchangeResult result)
    {
        stream.Push.Result = result;
        ended[count++] = stream.Push;
        if (count == ended.Length)
        {
            Deliver();
        }
    }

    public void Deliver()
    {
        if (count == 0)
        {
            return;
        }
        flood.Earn(count);
        Brought += count;
        var pushes = ended.AsSpan(0, count);
        count = 0;
        pump.Finished(pushes);
        pushes.Clear();
    }
}
