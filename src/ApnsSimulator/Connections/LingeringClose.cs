using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// A server that closes at once answers what the client wrote meanwhile with a TCP reset, and that can cost the client the GOAWAY
/// it has not read yet. So the connection ends when the client has closed its side, or after a moment.
/// </summary>
internal static class LingeringClose
{
    /// <summary>Reads and ignores what still comes.</summary>
    public static async Task WaitForClientAsync(PipeReader input, TimeSpan longest)
    {
        using var enough = new CancellationTokenSource(longest);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(enough.Token);
                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            // It did not close in time, or was reset or dropped.
        }
    }
}
