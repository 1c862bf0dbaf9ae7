namespace PushFanout.Contracts;

/// <summary>Reads the JSON of an <see cref="AudienceChanged"/> and reports everything that is wrong with it at once.</summary>
public static class AudienceChangedReader
{
    /// <summary>Reads a message without an envelope (see <see cref="MessageEnvelope"/>).</summary>
    public static ContractReading<AudienceChanged> Read(ReadOnlyMemory<byte> utf8Json, WorkerContext? context = null) =>
        MessageBody.Read<AudienceChanged>(utf8Json, context, ReadFields, AudienceChangedValidator.Check);

    private static (AudienceChanged, MessageOrigin) ReadFields(ref FieldReader reader, ObjectFields fields)
    {
        string? app = null, audience = null;
        List<AudienceMember>? add = null, remove = null;
        while (reader.Next(fields))
        {
            switch (fields.Name)
            {
                case "app": app = reader.Text(fields); break;
                case "audience": audience = reader.Text(fields); break;
                case "add": add = ReadMembers(ref reader, fields); break;
                case "remove": remove = ReadMembers(ref reader, fields); break;
                default: reader.RefuseUnknown(fields); break;
            }
        }
        reader.Require(fields, "app", "audience");
        var change = new AudienceChanged { App = app!, Audience = audience!, Add = add, Remove = remove };
        return (change, new MessageOrigin(App: ContractNames.IsApp(app) ? app : null));
    }

    private static List<AudienceMember>? ReadMembers(ref FieldReader reader, ObjectFields at)
    {
        if (!reader.EnterList(at))
            return null;
        var members = new List<AudienceMember>();
        while (reader.NextEntry(at, members.Count, out var fields))
            members.Add(fields is null ? new AudienceMember() : ReadMember(ref reader, fields));
        return members;
    }

    private static AudienceMember ReadMember(ref FieldReader reader, ObjectFields fields)
    {
        string? user = null, token = null;
        while (reader.Next(fields))
        {
            switch (fields.Name)
            {
                case "user": user = reader.Text(fields); break;
                case "token": token = reader.Text(fields); break;
                default: reader.RefuseUnknown(fields); break;
            }
        }
        return new AudienceMember { User = user, Token = token };
    }
}
