namespace PushFanout.Contracts;

/// <summary>Reads the JSON of a <see cref="NotificationControl"/> and reports everything that is wrong with it at once.</summary>
public static class NotificationControlReader
{
    /// <summary>Reads a message without an envelope (see <see cref="MessageEnvelope"/>).</summary>
    public static ContractReading<NotificationControl> Read(ReadOnlyMemory<byte> utf8Json) =>
        MessageBody.Read<NotificationControl>(utf8Json, WorkerContext.None, ReadFields, NotificationControlValidator.Check);

    private static (NotificationControl, MessageOrigin) ReadFields(ref FieldReader reader, ObjectFields fields)
    {
        Guid? id = null;
        ControlAction? action = null;
        DateTimeOffset? at = null;
        while (reader.Next(fields))
        {
            switch (fields.Name)
            {
                case "notificationId": id = reader.Id(fields); break;
                case "action": action = reader.Word<ControlAction>(fields); break;
                case "at": at = reader.Time(fields); break;
                default: reader.RefuseUnknown(fields); break;
            }
        }
        reader.Require(fields, "notificationId", "action", "at");
        var control = new NotificationControl
        {
            NotificationId = id.GetValueOrDefault(),
            Action = action.GetValueOrDefault(),
            At = at.GetValueOrDefault(),
        };
        return (control, new MessageOrigin(id));
    }
}
