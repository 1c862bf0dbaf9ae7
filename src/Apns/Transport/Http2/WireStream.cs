using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// The socket below TLS. Takes from it as much as there is at once, and once it is <see cref="Corked"/> collects the records that TLS makes of one write, so that
/// a full write buffer costs one system call.
/// </summary>
internal sealed class WireStream(Socket socket) : Stream
{
    private const int Size = 64 * 1024;

    private readonly byte[] received = new byte[Size];
    private byte[] collected = [];
    private int receivedFrom;
    private int receivedTo;
    private int collectedLength;
    private bool quiet;

    /// <summary>Whether writes wait for <see cref="SendAsync"/>. The handshake's do not.</summary>
    public bool Corked { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        receivedFrom < receivedTo ? ValueTask.FromResult(Take(buffer.Span)) : ReceiveAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!Corked)
        {
            return SendAllAsync(buffer, cancellationToken);
        }
        if (collected.Length < collectedLength + buffer.Length)
        {
            Array.Resize(ref collected, Math.Max(Size + 1024, collectedLength + buffer.Length));
        }
        buffer.Span.CopyTo(collected.AsSpan(collectedLength));
        collectedLength += buffer.Length;
        return ValueTask.CompletedTask;
    }

    /// <summary>Hands everything collected to the network.</summary>
    public ValueTask SendAsync()
    {
        var all = collected.AsMemory(0, collectedLength);
        collectedLength = 0;
        return SendAllAsync(all, CancellationToken.None);
    }

    /// <summary>
    /// Nobody will read for a moment: what arrives until then need not wake anybody. The socket is known to the runtime's poll, which without this wakes
    /// for every packet, wanted or not.
    /// </summary>
    public void LetArrive()
    {
        if (!quiet && OperatingSystem.IsLinux())
        {
            quiet = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater, Size / 2);
        }
    }

    /// <summary>Ends every read and write under way, at once.</summary>
    public void Abort() => socket.Dispose();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // nothing is kept that a flush could send: what is collected goes by SendAsync alone
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        socket.Dispose();
        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (quiet && socket.Available == 0)
        {
            quiet = false; // from here on the next byte counts; if it has come just now the kernel says so at once
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater, 1);
        }
        receivedFrom = 0;
        receivedTo = await socket.ReceiveAsync(received, SocketFlags.None, cancellation);
        return Take(buffer.Span);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
        }
    }

    private int Take(Span<byte> buffer)
    {
        var length = Math.Min(buffer.Length, receivedTo - receivedFrom);
        received.AsSpan(receivedFrom, length).CopyTo(buffer);
        receivedFrom += length;
        return length;
    }
}
