namespace PushFanout.Contracts;

/// <summary>The fields of one JSON object while it is read: where the reader is, and what was there already.</summary>
/// <param name="path">Where the object is; empty for the message itself.</param>
internal sealed class ObjectFields(string path)
{
    private readonly Dictionary<string, bool> _given = new(StringComparer.Ordinal);

    /// <summary>The name of the current field.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The current field's place in the message; a field without a name is shown as <c>""</c>, so that there is something to see.</summary>
    public string Field => PathOf(Name.Length == 0 ? "\"\"" : Name);

    /// <summary>Goes on to the field of this name; false when it was there before.</summary>
    public bool MoveTo(string name)
    {
        Name = name;
        return _given.TryAdd(name, false);
    }

    /// <summary>The current field has a value that is not null.</summary>
    public void MarkGiven() => _given[Name] = true;

    public bool IsGiven(string name) => _given.GetValueOrDefault(name);

    public string PathOf(string name) => FieldPath.Of(path, name);
}
