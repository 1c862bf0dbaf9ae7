using System.Buffers.Binary;
using System.Net.Mime;
using System.Text;
using MassTransit;
using MassTransit.Context;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushFanout.Worker.Messaging;

namespace PushFanout.Integration.Tests.Upgrades;

/// <summary>
/// Makes a worker of this build one of the next: what it sends to other workers has the next format number and fields that this build never heard of, and
/// it reads what is written like that. Everything else on the wire is as it was.
/// </summary>
internal sealed class NextBuild : ISendObserver, IFilter<ReceiveContext>
{
    private const int HeadBytes = 12;
    private const ushort NextNumber = WorkMessageFormat.Number + 1;
    private static readonly byte[] NewField = Encoding.UTF8.GetBytes("""{"addedByTheNextBuild":{"a":[1,2]},""");
    private int _sent;
    private int _readOld;
    private int _readNew;

    /// <summary>Messages sent in the next format.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Messages read that a worker of this build had written.</summary>
    public int ReadOld => Volatile.Read(ref _readOld);

    /// <summary>Messages read in the next format.</summary>
    public int ReadNew => Volatile.Read(ref _readNew);

    public void Shape(IHostApplicationBuilder builder) => builder.Services.AddSingleton<IFilter<ReceiveContext>>(this);

    public Task PreSend<T>(SendContext<T> context) where T : class
    {
        if (context.Message is OutgoingBody body && body.ContentType.MediaType == ContentTypes.Work.MediaType && NumberOf(body.Bytes.Span) == WorkMessageFormat.Number)
        {
            context.Serializer = new NextSerializer();
            Interlocked.Increment(ref _sent);
        }
        return Task.CompletedTask;
    }

    public Task PostSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var body = context.Body.GetBytes();
        switch (NumberOf(body))
        {
            case NextNumber:
                Interlocked.Increment(ref _readNew);
                return next.Send(new Rewritten(context, WithNumber(body, WorkMessageFormat.Number)));
            case WorkMessageFormat.Number:
                Interlocked.Increment(ref _readOld);
                break;
        }
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("next-build");

    private static ushort? NumberOf(ReadOnlySpan<byte> body) =>
        body.Length > HeadBytes && body[0] == 'P' && body[1] == 'F' ? BinaryPrimitives.ReadUInt16LittleEndian(body[2..]) : null;

    private static byte[] WithNumber(ReadOnlySpan<byte> body, ushort number)
    {
        var changed = body.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(2), number);
        return changed;
    }

    private static byte[] ToNext(ReadOnlySpan<byte> body)
    {
        var header = BinaryPrimitives.ReadUInt16LittleEndian(body[6..]);
        if (body[(HeadBytes + 1)..].StartsWith(NewField.AsSpan(1)))
        {
            return WithNumber(body, NextNumber);
        }
        byte[] changed = [.. body[..HeadBytes], .. NewField, .. body[(HeadBytes + 1)..]];
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(6), (ushort)(header + NewField.Length - 1));
        return WithNumber(changed, NextNumber);
    }

    private sealed class NextSerializer : IMessageSerializer
    {
        public ContentType ContentType => ContentTypes.Work;

        public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class => new BytesMessageBody(ToNext(((OutgoingBody)(object)context.Message).Bytes.Span));
    }

    private sealed class Rewritten(ReceiveContext context, byte[] body) : ReceiveContextProxy(context), ReceiveContext
    {
        MessageBody ReceiveContext.Body { get; } = new BytesMessageBody(body);
    }
}
