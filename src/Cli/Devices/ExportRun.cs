using System.Runtime.CompilerServices;
using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>How far an export is.</summary>
/// <param name="Meant">App, format and audiences, by which the export is recognised.</param>
/// <param name="Shard">The first shard that is not done.</param>
/// <param name="Bytes">Where it will begin in the file.</param>
/// <param name="Devices">Devices before it.</param>
internal sealed record ExportProgress(string Meant, int Shard, long Bytes, long Devices);

/// <summary>What an export did.</summary>
/// <param name="Devices">Devices in the file, those of earlier runs among them.</param>
internal sealed record ExportSummary(long Devices, long Bytes, double Seconds);

/// <summary>One run of an export: every device of an app, shard by shard, or those of some audiences.</summary>
/// <param name="meant">Null: all devices.</param>
internal sealed class ExportRun(RedisDevices source, string app, DeviceText text, AudienceExpression? meant, TimeProvider clock)
{
    private const int ShardsAhead = 8;
    private static readonly TimeSpan BetweenNotes = TimeSpan.FromSeconds(1);

    /// <param name="done">What is there already.</param>
    /// <param name="write">Takes the next piece of text.</param>
    /// <param name="note">Called now and then, and in the end however it comes, with all that was written.</param>
    public async Task<ExportSummary> RunAsync(
        ExportProgress done, Func<ReadOnlyMemory<byte>, Task> write, Func<ExportProgress, Task> note, IProgress<Advance> progress, CancellationToken stop)
    {
        var startedAt = clock.GetTimestamp();
        var notedAt = startedAt;
        var reached = done;
        if (done.Bytes == 0)
        {
            await write(text.Header);
            reached = reached with { Bytes = text.Header.Length };
        }
        try
        {
            await foreach (var devices in ReadAsync(done.Shard, stop))
            {
                var lines = text.Write(devices);
                await write(lines);
                reached = reached with { Shard = reached.Shard + 1, Bytes = reached.Bytes + lines.Length, Devices = reached.Devices + devices.Count };
                progress.Report(new Advance((double)reached.Shard / source.Shards, $"{Screen.Number(reached.Devices)} devices"));
                if (clock.GetElapsedTime(notedAt) >= BetweenNotes)
                {
                    await note(reached);
                    notedAt = clock.GetTimestamp();
                }
            }
        }
        finally
        {
            await note(reached);
        }
        return new ExportSummary(reached.Devices, reached.Bytes, clock.GetElapsedTime(startedAt).TotalSeconds);
    }

    private async IAsyncEnumerable<IReadOnlyCollection<DeviceRegistration>> ReadAsync(
        int firstShard, [EnumeratorCancellation] CancellationToken stop)
    {
        var reading = new Queue<Task<IReadOnlyList<DeviceRegistration>>>();
        for (var shard = firstShard; shard < source.Shards || reading.Count > 0;)
        {
            while (shard < source.Shards && reading.Count < ShardsAhead)
            {
                reading.Enqueue(source.Cache.ReadDevicesAsync(app, shard++, stop));
            }
            var devices = await reading.Dequeue();
            yield return meant is null ? devices : devices.Where(IsMeant).ToList();
        }
    }

    private bool IsMeant(DeviceRegistration device)
    {
        return (meant!.AnyOf.Count == 0 || meant.AnyOf.Any(IsIn)) && meant.AllOf.All(IsIn) && !meant.NoneOf.Any(IsIn);

        bool IsIn(string audience) => audience == ContractNames.AllAudience || device.Audiences!.Contains(audience);
    }
}
