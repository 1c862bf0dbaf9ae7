using PushFanout.Contracts;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Intake;

/// <summary>A public message as it came: plain JSON from any language, or in MassTransit's envelope. Both are equal on the same exchange.</summary>
internal static class IncomingJson
{
    /// <summary>The JSON of the message itself. A body that says it is an envelope and is none is read as it is, so that the reader can say what is wrong.</summary>
    public static ReadOnlyMemory<byte> Of(IncomingMessage message) =>
        message.ContentType == MessageEnvelope.ContentType && MessageEnvelope.TryUnwrap(message.Body, out var inner) ? inner : message.Body;

    /// <summary>Why a message that nobody can be told about is parked: the place, or field and code of each fault; never a value.</summary>
    public static string WhyNot<T>(ContractReading<T> read) where T : class =>
        read.Unreadable?.ToString() ?? string.Join(", ", read.Faults.Take(10).Select(fault => $"{fault.Field}: {fault.Code}"));
}
