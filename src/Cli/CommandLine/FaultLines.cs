using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>Faults for people: a line each, with the field first and the code last.</summary>
internal static class FaultLines
{
    public static string Of(ContractFault fault) => $"{fault.Field}: {fault.Text} ({fault.Code})";

    public static async Task WriteAsync(IEnumerable<ContractFault> faults, TextWriter error)
    {
        foreach (var fault in faults)
        {
            await error.WriteLineAsync(Of(fault));
        }
    }
}
