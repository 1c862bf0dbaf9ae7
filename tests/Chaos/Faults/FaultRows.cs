namespace PushFanout.Chaos.Faults;

/// <summary>Every fault that has a row; <c>--fault list</c>.</summary>
internal static class FaultRows
{
    public static IReadOnlyList<FaultRow> All { get; } = [.. WorkerFaults.Rows, .. BrokerFaults.Rows, .. RedisFaults.Rows, .. ApnsFaults.Rows, .. TokenFaults.Rows];

    public static FaultRow? Find(string name) => All.FirstOrDefault(row => row.Name == name);
}
