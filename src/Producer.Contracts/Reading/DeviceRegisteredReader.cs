namespace PushFanout.Contracts;

/// <summary>Reads the JSON of a <see cref="DeviceRegistered"/> and reports everything that is wrong with it at once.</summary>
public static class DeviceRegisteredReader
{
    /// <summary>Reads a message without an envelope (see <see cref="MessageEnvelope"/>).</summary>
    public static ContractReading<DeviceRegistered> Read(ReadOnlyMemory<byte> utf8Json, WorkerContext? context = null) =>
        MessageBody.Read<DeviceRegistered>(utf8Json, context, ReadFields, DeviceRegisteredValidator.Check);

    private static (DeviceRegistered, MessageOrigin) ReadFields(ref FieldReader reader, ObjectFields fields)
    {
        string? app = null, token = null, deviceId = null, userId = null;
        List<string>? audiences = null;
        DateTimeOffset? at = null;
        while (reader.Next(fields))
        {
            switch (fields.Name)
            {
                case "app": app = reader.Text(fields); break;
                case "token": token = reader.Text(fields); break;
                case "deviceId": deviceId = reader.Text(fields); break;
                case "userId": userId = reader.Text(fields); break;
                case "audiences": audiences = reader.Texts(fields); break;
                case "at": at = reader.Time(fields); break;
                default: reader.RefuseUnknown(fields); break;
            }
        }
        reader.Require(fields, "app", "token", "at");
        var device = new DeviceRegistered
        {
            App = app!,
            Token = token!,
            DeviceId = deviceId,
            UserId = userId,
            Audiences = audiences,
            At = at.GetValueOrDefault(),
        };
        return (device, new MessageOrigin(App: ContractNames.IsApp(app) ? app : null));
    }
}
