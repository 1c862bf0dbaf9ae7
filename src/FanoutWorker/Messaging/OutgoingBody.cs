using System.Net.Mime;
using MassTransit;

namespace PushFanout.Worker.Messaging;

/// <summary>
/// A message that is bytes already. The worker writes and reads bodies itself (raw JSON for what other services read, a
/// compact format for its own batches) and leaves to MassTransit what it is good at: connections, topology, confirms.
/// </summary>
internal sealed class OutgoingBody
{
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    public required ContentType ContentType { get; init; }

    public override string ToString() => $"{Bytes.Length} bytes of {ContentType.MediaType}";
}

/// <summary>Hands the bytes of an <see cref="OutgoingBody"/> to the transport as they are.</summary>
internal sealed class BodySerializer(ContentType contentType) : IMessageSerializer
{
    public ContentType ContentType { get; } = contentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class =>
        context.Message is OutgoingBody body
            ? new BytesBody(body.Bytes)
            : throw new InvalidOperationException($"only {nameof(OutgoingBody)} is sent through here, not {typeof(T)}");

    private sealed class BytesBody(ReadOnlyMemory<byte> bytes) : MessageBody
    {
        public long? Length => bytes.Length;

        public byte[] GetBytes() => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment)
            && segment.Offset == 0 && segment.Array!.Length == segment.Count ? segment.Array : bytes.ToArray();

        public Stream GetStream() => new MemoryStream(GetBytes(), writable: false);

        public string GetString() => System.Text.Encoding.UTF8.GetString(bytes.Span);
    }
}
