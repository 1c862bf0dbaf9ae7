using System.Net;
using PushFanout.Apns.Sending;

namespace PushFanout.Apns.Transport.Http;

/// <summary>
/// The body of one push after another. That it has not been asked for proves that APNs cannot have handled the push: HTTP/2
/// writes the body only when the stream is open.
/// </summary>
internal sealed class PayloadContent : HttpContent
{
    private Push? push;

    /// <summary>Whether the whole body has been handed over.</summary>
    public bool Written { get; private set; }

    public void Prepare(Push next)
    {
        push = next;
        Written = false;
        Headers.ContentLength = next.Notification.Payload.Length;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var payload = push!.Notification.Payload;
        if (!push.TryStartWriting())
        {
            throw new OperationCanceledException("The push was withdrawn before its body was written.");
        }
        await stream.WriteAsync(payload, cancellationToken);
        Written = true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = push!.Notification.Payload.Length;
        return true;
    }
}
