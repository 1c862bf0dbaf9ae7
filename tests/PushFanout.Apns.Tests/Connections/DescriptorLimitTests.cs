using System.ComponentModel;
using System.Runtime.InteropServices;
using PushFanout.Apns.Tests.Kit;
using PushFanout.Apns.Tests.Sending;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Connections;

/// <summary>The limit is the whole process's: nothing else may run in it meanwhile.</summary>
[Collection(nameof(AllocationTests))]
public sealed class DescriptorLimitTests
{
    [Fact]
    public async Task Without_a_file_descriptor_left_connecting_fails_in_the_ordinary_way_and_the_client_can_be_disposed()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id));
        await server.NewClient().SendAsync(); // loads what a send needs: an assembly is a file as well
        await using (var nowhere = new ApnsClient(TestKey.New(), new ApnsClientOptions
        {
            Environment = ApnsEnvironment.Sandbox,
            EndpointOverride = new Uri("https://localhost:1"),
            StartTimeout = TimeSpan.FromSeconds(0.5),
        }))
        {
            await nowhere.SendAsync(); // and what a failed one needs
        }
        var client = server.NewClient(startTimeout: 0.5);

        PushAnswer answer;
        using (new NoMoreDescriptors())
        {
            answer = await client.SendAsync();
            // On a busy machine the push may have come back before; and once there are descriptors again nothing fails.
            await Eventually.TrueAsync(() => client.Statistics.LastConnectError is not null, TimeSpan.FromSeconds(60), "an attempt that failed");
        }
        await client.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal((Answer.Unprocessed, ApnsReason.NotConnected), (answer.Answer, answer.Reason));
        Assert.Equal("no connection (TooManyOpenSockets)", client.Statistics.LastConnectError);
        Assert.InRange(client.Statistics.ConnectFailures, 1, 2); // a second after a second, if the push came back that late
    }

    /// <summary>Those that are open stay so.</summary>
    private sealed class NoMoreDescriptors : IDisposable
    {
        private const int OpenFiles = 7;
        private readonly Limit before;

        public NoMoreDescriptors()
        {
            Check(GetLimit(OpenFiles, out before));
            Set(before with { Now = 3 });
        }

        public void Dispose() => Set(before);

        private static void Set(Limit limit) => Check(SetLimit(OpenFiles, limit));

        private static void Check(int result)
        {
            if (result != 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }

        [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int GetLimit(int resource, out Limit limit);

        [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int SetLimit(int resource, in Limit limit);

        private readonly record struct Limit(nuint Now, nuint Most);
    }
}
