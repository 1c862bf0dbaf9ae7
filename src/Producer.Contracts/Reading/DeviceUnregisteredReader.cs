namespace PushFanout.Contracts;

/// <summary>Reads the JSON of a <see cref="DeviceUnregistered"/> and reports everything that is wrong with it at once.</summary>
public static class DeviceUnregisteredReader
{
    /// <summary>Reads a message without an envelope (see <see cref="MessageEnvelope"/>).</summary>
    public static ContractReading<DeviceUnregistered> Read(ReadOnlyMemory<byte> utf8Json, WorkerContext? context = null) =>
        MessageBody.Read<DeviceUnregistered>(utf8Json, context, ReadFields, DeviceUnregisteredValidator.Check);

    private static (DeviceUnregistered, MessageOrigin) ReadFields(ref FieldReader reader, ObjectFields fields)
    {
        string? app = null, token = null, deviceId = null, userId = null;
        DateTimeOffset? at = null;
        while (reader.Next(fields))
        {
            switch (fields.Name)
            {
                case "app": app = reader.Text(fields); break;
                case "token": token = reader.Text(fields); break;
                case "deviceId": deviceId = reader.Text(fields); break;
                case "userId": userId = reader.Text(fields); break;
                case "at": at = reader.Time(fields); break;
                default: reader.RefuseUnknown(fields); break;
            }
        }
        reader.Require(fields, "app", "at");
        var device = new DeviceUnregistered { App = app!, Token = token, DeviceId = deviceId, UserId = userId, At = at.GetValueOrDefault() };
        return (device, new MessageOrigin(App: ContractNames.IsApp(app) ? app : null));
    }
}
