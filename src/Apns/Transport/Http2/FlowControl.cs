using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>Bytes of all bodies together that the server takes. Only the writer spends; the reader widens.</summary>
internal sealed class SendWindow
{
    private long available = Settings.DefaultWindow;

    public long Available => Volatile.Read(ref available);

    public void Spend(int bytes) => Interlocked.Add(ref available, -bytes);

    /// <returns>False when the window would be larger than HTTP/2 can count.</returns>
    public bool TryWiden(int by) => Interlocked.Add(ref available, by) <= int.MaxValue;
}

/// <summary>
/// Bytes of all answers together that the server may send. That of one stream stays as small as HTTP/2 makes it: no error of APNs fills it,
/// and one that would is cut off.
/// </summary>
internal sealed class ReceiveWindow
{
    public const int Size = 16 * 1024 * 1024;

    private int unreported;

    /// <summary>What is added to HTTP/2's own window once, at the start.</summary>
    public static int Increment => Size - Settings.DefaultWindow;

    /// <param name="giveBack">Bytes to allow again; 0 when that can wait.</param>
    /// <returns>False when the server sent what it may not.</returns>
    public bool TryReceive(int bytes, out int giveBack)
    {
        giveBack = 0;
        unreported += bytes;
        if (unreported > Size)
        {
            return false;
        }
        if (unreported >= Size / 2)
        {
            giveBack = unreported;
            unreported = 0;
        }
        return true;
    }
}
