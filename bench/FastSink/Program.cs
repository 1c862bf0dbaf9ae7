using System.Runtime.InteropServices;
using System.Text.Json;
using PushFanout.FastSink;
using PushFanout.Testing;

// An APNs that says yes to everything, so fast that whoever pushes is what is measured.
if (SinkOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(SinkOptions.Usage);
    return 2;
}
var folder = options.Files ?? Directory.CreateTempSubdirectory("pushfanout-sink-").FullName;
try
{
    using var server = new SinkServer(options, LoopbackCertificate.Make(folder));
    var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
    Say(new { Endpoint = $"https://127.0.0.1:{server.Port}", server.Port, AuthorityFile = Path.Combine(folder, LoopbackCertificate.FileName) });
    new Thread(Listen) { IsBackground = true, Name = "control" }.Start();
    await ended.Task;
    Say(server.Tally, "end ");

    void Listen()
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line.StartsWith("stats", StringComparison.Ordinal))
            {
                Say(server.Tally, line + " ");
            }
        }
        ended.TrySetResult();
    }

    void Leave(PosixSignalContext signal)
    {
        signal.Cancel = true;
        ended.TrySetResult();
    }
}
finally
{
    if (options.Files is null)
    {
        Directory.Delete(folder, recursive: true);
    }
}
return 0;

static void Say<T>(T what, string before = "")
{
    Console.Out.WriteLine(before + JsonSerializer.Serialize(what, JsonSerializerOptions.Web));
    Console.Out.Flush();
}
