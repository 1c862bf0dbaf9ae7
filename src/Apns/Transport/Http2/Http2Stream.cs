using PushFanout.Apns.Answers;
using PushFanout.Apns.Sending;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>The stream of one push. Kept with the push and used again with it.</summary>
internal sealed class Http2Stream(Push push)
{
    private byte[] content = [];
    private int contentLength;
    private long sendWindow;

    public Push Push { get; } = push;

    public int Id { get; private set; }

    /// <summary>Bytes of the body in the write buffer or on the way. The writer's own.</summary>
    public int BodySent { get; set; }

    /// <summary>Whether the end of the request has been written into the buffer.</summary>
    public bool EndWritten { get; set; }

    /// <summary>The whole request has been handed to the network: from here on only the server knows what becomes of it. Guarded by the connection.</summary>
    public bool HandedOver { get; set; }

    /// <summary>The final status; 0 before. The rest of the answer is the reader's own too.</summary>
    public int Status { get; set; }

    public TimeSpan? RetryAfter { get; set; }

    public ReadOnlyMemory<byte> Content => content.AsMemory(0, contentLength);

    /// <summary>Bytes of the body that the server takes on this stream; less than none when it changed its mind.</summary>
    public long SendWindow => Volatile.Read(ref sendWindow);

    /// <summary>Whether the rest of the body does not fit into what the server takes on this stream.</summary>
    public bool WaitsForWindow => !EndWritten && SendWindow < Push.Notification.Payload.Length - BodySent;

    public void Open(int id, int window)
    {
        Id = id;
        sendWindow = window;
        BodySent = 0;
        EndWritten = HandedOver = false;
        Status = 0;
        RetryAfter = null;
        contentLength = 0;
    }

    /// <summary>What is known of an answer that will not come as a whole.</summary>
    /// <param name="unanswered">What it is when not even the status has come.</param>
    public ExchangeResult BrokenOff(ExchangeEnd unanswered, BodyEnd body = BodyEnd.Interrupted) => Status == 0
        ? new ExchangeResult { End = unanswered }
        : new ExchangeResult { End = ExchangeEnd.Answered, Status = Status, Body = body, RetryAfter = RetryAfter };

    /// <returns>False when the window would be larger than HTTP/2 can count.</returns>
    public bool TryWiden(long by) => Interlocked.Add(ref sendWindow, by) <= int.MaxValue;

    public void Spend(int bytes) => Interlocked.Add(ref sendWindow, -bytes);

    /// <returns>False when that is more than the error of APNs can have.</returns>
    public bool TryAppend(ReadOnlySpan<byte> more)
    {
        if (contentLength + more.Length > ErrorBody.MaxBytes)
        {
            return false;
        }
        if (content.Length < contentLength + more.Length)
        {
            Array.Resize(ref content, Math.Max(128, contentLength + more.Length));
        }
        more.CopyTo(content.AsSpan(contentLength));
        contentLength += more.Length;
        return true;
    }
}
