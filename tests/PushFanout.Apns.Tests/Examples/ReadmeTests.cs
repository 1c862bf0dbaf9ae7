using System.Text.RegularExpressions;
using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;

namespace PushFanout.Apns.Tests.Examples;

/// <summary>The examples of the package's README are these files, and they work: with the package alone, there is nothing else here to send with.</summary>
public sealed partial class ReadmeTests
{
    [Theory]
    [InlineData(0, "OneDevice.cs")]
    [InlineData(1, "ManyDevices.cs")]
    [InlineData(2, "StopWithoutLoss.cs")]
    public void The_README_shows_what_is_compiled_here(int position, string file)
    {
        Assert.Equal(Read(file).Trim(), CSharp().Matches(Read("README.md"))[position].Groups[1].Value.Trim());
    }

    [Fact]
    public void The_package_needs_nothing_but_the_base_class_library()
    {
        Assert.All(typeof(ApnsClient).Assembly.GetReferencedAssemblies(), needed => Assert.StartsWith("System.", needed.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_device()
    {
        await using var apns = await SimulatedApns.StartAsync(new SimulatorOptions { DemoTeamId = "ABCDE12345", DemoKeyId = "FGHIJ67890" });
        var token = Convert.ToHexString(Pushes.Token().Span);

        var said = await OneDevice.GreetAsync(apns.Simulator.DemoKeyFile!, Options(apns), token);
        apns.Simulator.StrikeNext(Fault.Answer(410, "Unregistered"));
        var saidWhenGone = await OneDevice.GreetAsync(apns.Simulator.DemoKeyFile!, Options(apns), token);
        var saidWithoutKey = await OneDevice.GreetAsync("/nowhere/AuthKey.p8", Options(apns), token);

        Assert.StartsWith("accepted after ", said, StringComparison.Ordinal);
        Assert.Equal("Unregistered: Unregistered", saidWhenGone);
        Assert.Contains("/nowhere/AuthKey.p8", saidWithoutKey, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_devices()
    {
        await using var apns = await SimulatedApns.StartAsync();
        var books = new ManyDevices([.. Pushes.Tokens(100).Select(token => Convert.ToHexString(token.Span))]);
        apns.Simulator.StrikeNext(Fault.Answer(410, "Unregistered"));
        apns.Simulator.StrikeNext(Fault.Answer(503, "ServiceUnavailable"));
        apns.Simulator.StrikeNext(Fault.Answer(400, "BadDeviceToken"));

        await books.SendAsync(apns.NewClient(), Pushes.Alert);

        Assert.Equal((97, 1, 1), (books.Accepted, books.Gone.Count, books.Again.Count));
        Assert.Equal("BadDeviceToken", Assert.Single(books.Failed).Why);
    }

    [Fact]
    public async Task A_stop_without_loss()
    {
        await using var apns = await SimulatedApns.StartAsync();
        using var stopping = new CancellationTokenSource();
        var tokens = Pushes.Tokens(20_000);
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(20));
        var client = apns.NewClient(maxStreams: 100);

        var sending = new StopWithoutLoss(tokens.Length).SendAsync(client, Pushes.Alert, tokens, stopping.Token);
        await Testing.Eventually.TrueAsync(() => apns.Simulator.Stats.Accepted > 0, TimeSpan.FromSeconds(60), "the send is under way");
        await stopping.CancelAsync();
        var left = await sending.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.InRange(left.Count, 1, tokens.Length - 1);
        Assert.Equal(tokens.Length, apns.Simulator.Stats.Accepted + left.Count);
    }

    private static ApnsClientOptions Options(SimulatedApns apns) => new()
    {
        Environment = ApnsEnvironment.Production,
        EndpointOverride = apns.Simulator.Endpoint,
        TrustedRoots = apns.Simulator.TrustedRoots,
    };

    private static string Read(string name)
    {
        using var file = new StreamReader(typeof(ReadmeTests).Assembly.GetManifestResourceStream(name)!);
        return file.ReadToEnd();
    }

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
