using System.Text.Json;

namespace PushFanout.Contracts;

/// <summary>
/// Walks a message field by field. A value of the wrong type becomes a fault and reads as not given, and the walk goes on, so that one
/// reading finds all faults.
/// </summary>
/// <param name="json">Checked before (<see cref="JsonText.FindFault"/>), so the walk itself cannot fail.</param>
/// <param name="faults">Takes the faults.</param>
internal ref struct FieldReader(ReadOnlySpan<byte> json, FaultList faults)
{
    private readonly ReadOnlySpan<byte> _body = json;
    private Utf8JsonReader _json = new(json, new JsonReaderOptions { MaxDepth = ContractJson.MaxDepth });

    /// <summary>Steps into the message; null when it is no object.</summary>
    public ObjectFields? EnterMessage()
    {
        _json.Read();
        return Enter(path: "", FieldPath.Message);
    }

    /// <summary>Steps into the object that is the current field's value.</summary>
    public ObjectFields? EnterObject(ObjectFields at) => Enter(at.Field, at.Field);

    /// <summary>Goes to the next field that is given; at the end of the object, false.</summary>
    public bool Next(ObjectFields fields)
    {
        while (_json.Read() && _json.TokenType is JsonTokenType.PropertyName)
        {
            var isNew = fields.MoveTo(_json.GetString()!);
            _json.Read();
            if (!isNew)
            {
                faults.Add(ShownText.Of(fields.Field), FaultCodes.DuplicateField, "The field is there more than once.");
                _json.Skip();
            }
            else if (_json.TokenType is not JsonTokenType.Null)
            {
                fields.MarkGiven();
                return true;
            }
        }
        return false;
    }

    /// <summary>Leaves out a field that the object does not have.</summary>
    public void RefuseUnknown(ObjectFields at)
    {
        faults.Add(ShownText.Of(at.Field), FaultCodes.UnknownField, "There is no field of this name here; names are case-sensitive.");
        _json.Skip();
    }

    /// <summary>Leaves out a field for another reason.</summary>
    public void Refuse(ObjectFields at, string code, string text)
    {
        faults.Add(at.Field, code, text);
        _json.Skip();
    }

    /// <summary>Says which of these fields were not given.</summary>
    public readonly void Require(ObjectFields fields, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!fields.IsGiven(name))
                faults.AddIfFirst(fields.PathOf(name), FaultCodes.MissingField, "The field is required.");
        }
    }

    public string? Text(ObjectFields at) => Is(JsonTokenType.String, at.Field, "a string") ? _json.GetString() : null;

    public Guid? Id(ObjectFields at)
    {
        if (!Is(JsonTokenType.String, at.Field, "a string with a UUID"))
            return null;
        if (_json.TryGetGuid(out var id))
            return id;
        faults.Add(at.Field, FaultCodes.InvalidValue, "It must be a UUID such as 0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d.");
        return null;
    }

    public T? Word<T>(ObjectFields at)
        where T : struct, Enum
    {
        if (!Is(JsonTokenType.String, at.Field, $"a string, one of {EnumWords<T>.Listed}"))
            return null;
        var word = _json.GetString()!;
        if (EnumWords<T>.TryParse(word, out var value))
            return value;
        faults.Add(at.Field, FaultCodes.InvalidValue, $"\"{ShownText.Of(word)}\" is not one of {EnumWords<T>.Listed}.");
        return null;
    }

    public bool? Flag(ObjectFields at)
    {
        if (_json.TokenType is JsonTokenType.True or JsonTokenType.False)
            return _json.GetBoolean();
        RefuseType(at.Field, "true or false");
        return null;
    }

    public long? WholeNumber(ObjectFields at)
    {
        if (!Is(JsonTokenType.Number, at.Field, "a number"))
            return null;
        if (_json.TryGetInt64(out var value))
            return value;
        faults.Add(at.Field, FaultCodes.InvalidValue, "It must be a whole number, without a fraction or exponent.");
        return null;
    }

    public int? Int32(ObjectFields at)
    {
        var value = WholeNumber(at);
        if (value is null or (>= int.MinValue and <= int.MaxValue))
            return (int?)value;
        faults.Add(at.Field, FaultCodes.InvalidValue, "The number is too large.");
        return null;
    }

    public DateTimeOffset? Time(ObjectFields at)
    {
        const string Form = "an ISO 8601 date and time with an offset such as 2026-11-22T10:30:00Z";
        if (!Is(JsonTokenType.String, at.Field, $"a string with {Form}"))
            return null;
        if (_json.TryGetDateTimeOffset(out var time) && HasOffset(_json.GetString()!))
            return time;
        faults.Add(at.Field, FaultCodes.InvalidValue, $"It must be {Form}.");
        return null;
    }

    /// <summary>Strings; an entry of another type is a fault and reads as empty, so that the others keep their places.</summary>
    public List<string>? Texts(ObjectFields at)
    {
        if (!Is(JsonTokenType.StartArray, at.Field, "a list of strings"))
            return null;
        var texts = new List<string>();
        while (_json.Read() && _json.TokenType is not JsonTokenType.EndArray)
            texts.Add(_json.TokenType is JsonTokenType.String ? _json.GetString()! : RefuseEntry(at.Field, texts.Count));
        return texts;
    }

    /// <summary>Steps into a list; then <see cref="NextEntry"/> goes from object to object.</summary>
    public bool EnterList(ObjectFields at) => Is(JsonTokenType.StartArray, at.Field, "a list of objects");

    /// <summary>Goes to the next entry of a list; false at its end. <paramref name="entry"/> is null when it is no object.</summary>
    public bool NextEntry(ObjectFields list, int index, out ObjectFields? entry)
    {
        entry = null;
        if (!_json.Read() || _json.TokenType is JsonTokenType.EndArray)
            return false;
        var path = FieldPath.At(list.Field, index);
        entry = Enter(path, path);
        return true;
    }

    /// <summary>Any JSON, as the payload it will be.</summary>
    public PushPayload Payload()
    {
        var start = (int)_json.TokenStartIndex;
        _json.Skip();
        return PushPayload.FromChecked(_body[start..(int)_json.BytesConsumed]);
    }

    private ObjectFields? Enter(string path, string field) => Is(JsonTokenType.StartObject, field, "an object") ? new ObjectFields(path) : null;

    private bool Is(JsonTokenType type, string field, string wanted)
    {
        if (_json.TokenType == type)
            return true;
        RefuseType(field, wanted);
        return false;
    }

    private string RefuseEntry(string field, int index)
    {
        RefuseType(FieldPath.At(field, index), "a string");
        return "";
    }

    private void RefuseType(string field, string wanted)
    {
        faults.Add(field, FaultCodes.WrongType, $"It must be {wanted}.");
        _json.Skip();
    }

    // Without one a time would silently mean the worker's own time zone.
    private static bool HasOffset(string time) => time.Length > "2026-11-22T10:30".Length && (time[^1] == 'Z' || time[^6] is '+' or '-');
}
