namespace PushFanout.Contracts;

/// <summary>Collects the faults of one message; a message of nothing but faults cannot make the list grow without end.</summary>
internal sealed class FaultList
{
    public const int MaxListed = 100;

    private readonly List<ContractFault> _faults = [];
    private int _notListed;

    public void Add(string field, string code, string text)
    {
        if (_faults.Count < MaxListed)
            _faults.Add(new ContractFault(field, code, text));
        else
            _notListed++;
    }

    /// <summary>Adds it unless something is known to be wrong with this field, or inside it, already: what follows from that is no news.</summary>
    public void AddIfFirst(string field, string code, string text)
    {
        if (!HasAny(field))
            Add(field, code, text);
    }

    /// <summary>Whether something is known to be wrong with one of these fields, or inside one.</summary>
    public bool HasAny(params ReadOnlySpan<string> fields)
    {
        foreach (var fault in _faults)
        {
            foreach (var field in fields)
            {
                if (IsWithin(fault.Field, field))
                    return true;
            }
        }
        return false;
    }

    /// <summary>The faults in the order they were found, with a last one to say how many are not listed.</summary>
    public IReadOnlyList<ContractFault> ToList() => _notListed == 0
        ? _faults
        : [.. _faults, new ContractFault(FieldPath.Message, FaultCodes.MoreFaults, $"{_notListed} more faults were found.")];

    private static bool IsWithin(string field, string outer) =>
        field.StartsWith(outer, StringComparison.Ordinal) && (field.Length == outer.Length || field[outer.Length] is '.' or '[');
}
