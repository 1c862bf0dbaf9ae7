namespace PushFanout.Contracts;

/// <summary>The way that every message is read: is it JSON, what are its fields, is what they say right.</summary>
internal static class MessageBody
{
    /// <summary>Makes a message of what could be read of the fields; what could not is null in it, and its fault is known.</summary>
    public delegate (T Message, MessageOrigin Origin) Fields<T>(ref FieldReader reader, ObjectFields fields);

    public delegate void Check<in T>(T message, WorkerContext context, FaultList faults);

    public static ContractReading<T> Read<T>(ReadOnlyMemory<byte> utf8Json, WorkerContext? context, Fields<T> readFields, Check<T> check)
        where T : class
    {
        if (JsonText.FindFault(utf8Json.Span, ContractJson.MaxDepth) is { } unreadable)
            return new ContractReading<T>(null, new MessageOrigin(), [], unreadable);

        var faults = new FaultList();
        var reader = new FieldReader(utf8Json.Span, faults);
        if (reader.EnterMessage() is not { } fields)
            return new ContractReading<T>(null, new MessageOrigin(), faults.ToList(), null);

        var (message, origin) = readFields(ref reader, fields);
        check(message, context ?? WorkerContext.None, faults);
        var found = faults.ToList();
        return new ContractReading<T>(found.Count == 0 ? message : null, origin, found, null);
    }
}
