namespace PushFanout.Contracts;

/// <summary>Reads the JSON of a <see cref="NotificationRequested"/> and reports everything that is wrong with it at once.</summary>
public static class NotificationRequestedReader
{
    /// <summary>Reads a message without an envelope (see <see cref="MessageEnvelope"/>).</summary>
    public static ContractReading<NotificationRequested> Read(ReadOnlyMemory<byte> utf8Json, WorkerContext? context = null) =>
        MessageBody.Read<NotificationRequested>(utf8Json, context, ReadFields, NotificationRequestedValidator.Check);

    private static (NotificationRequested, MessageOrigin) ReadFields(ref FieldReader reader, ObjectFields fields)
    {
        Guid? id = null;
        string? app = null, collapseId = null, source = null, reference = null;
        Audience? audience = null;
        PushPayload? payload = null;
        PushType? pushType = null;
        Lane? lane = null;
        Report? report = null;
        int? priority = null, pushesPerSecond = null;
        long? maxAudience = null;
        bool? storeIfOffline = null, dryRun = null;
        DateTimeOffset? expiration = null, notBefore = null, deadline = null;

        while (reader.Next(fields))
        {
            switch (fields.Name)
            {
                case "notificationId": id = reader.Id(fields); break;
                case "app": app = reader.Text(fields); break;
                case "audience": audience = ReadAudience(ref reader, fields); break;
                case "payload": payload = reader.Payload(); break;
                case "pushType": pushType = reader.Word<PushType>(fields); break;
                case "lane": lane = reader.Word<Lane>(fields); break;
                case "priority": priority = reader.Int32(fields); break;
                case "collapseId": collapseId = reader.Text(fields); break;
                case "expiration": expiration = reader.Time(fields); break;
                case "storeIfOffline": storeIfOffline = reader.Flag(fields); break;
                case "notBefore": notBefore = reader.Time(fields); break;
                case "deadline": deadline = reader.Time(fields); break;
                case "pushesPerSecond": pushesPerSecond = reader.Int32(fields); break;
                case "maxAudience": maxAudience = reader.WholeNumber(fields); break;
                case "dryRun": dryRun = reader.Flag(fields); break;
                case "report": report = reader.Word<Report>(fields); break;
                case "source": source = reader.Text(fields); break;
                case "reference": reference = reader.Text(fields); break;
                default: reader.RefuseUnknown(fields); break;
            }
        }
        reader.Require(fields, "notificationId", "app", "audience", "payload");

        var request = new NotificationRequested
        {
            NotificationId = id.GetValueOrDefault(),
            App = app!,
            Audience = audience!,
            Payload = payload!,
            PushType = pushType.GetValueOrDefault(),
            Lane = lane.GetValueOrDefault(),
            Priority = priority,
            CollapseId = collapseId,
            Expiration = expiration,
            StoreIfOffline = storeIfOffline ?? true,
            NotBefore = notBefore,
            Deadline = deadline,
            PushesPerSecond = pushesPerSecond,
            MaxAudience = maxAudience,
            DryRun = dryRun.GetValueOrDefault(),
            Report = report.GetValueOrDefault(),
            Source = source,
            Reference = reference,
        };
        return (request, new MessageOrigin(
            id,
            ContractNames.IsApp(app) ? app : null,
            ContractNames.IsSource(source) ? source : null,
            TextRules.IsReference(reference) ? reference : null));
    }

    private static Audience? ReadAudience(ref FieldReader reader, ObjectFields at)
    {
        if (reader.EnterObject(at) is not { } fields)
            return null;
        List<string>? anyOf = null, allOf = null, noneOf = null, users = null, tokens = null;
        while (reader.Next(fields))
        {
            switch (fields.Name)
            {
                case "anyOf": anyOf = reader.Texts(fields); break;
                case "allOf": allOf = reader.Texts(fields); break;
                case "noneOf": noneOf = reader.Texts(fields); break;
                case "users": users = reader.Texts(fields); break;
                case "tokens": tokens = reader.Texts(fields); break;
                case "channel": reader.Refuse(fields, FaultCodes.InvalidAudience, "The field is reserved for broadcast channels."); break;
                default: reader.RefuseUnknown(fields); break;
            }
        }
        return new Audience { AnyOf = anyOf, AllOf = allOf, NoneOf = noneOf, Users = users, Tokens = tokens };
    }
}
