using System.Buffers;
using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Sending;

public sealed class StartLeaseTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private SimulatedApns apns = null!;

    public async Task InitializeAsync() => apns = await SimulatedApns.StartAsync();

    public Task DisposeAsync() => apns.DisposeAsync().AsTask();

    [Fact]
    public void Nothing_may_start_before_the_first_grant_nor_after_the_end_of_the_last()
    {
        var lease = new StartLease(clock);
        Assert.True(lease.IsOver);
        var asked = clock.GetTimestamp();
        clock.Pass(TimeSpan.FromMilliseconds(300)); // the answer took its time

        lease.Grant(asked, TimeSpan.FromSeconds(1));
        Assert.False(lease.IsOver);
        clock.Pass(TimeSpan.FromMilliseconds(699));
        Assert.False(lease.IsOver);
        clock.Pass(TimeSpan.FromMilliseconds(1));
        Assert.True(lease.IsOver);

        lease.Grant(asked, TimeSpan.FromSeconds(3));
        lease.Grant(asked, TimeSpan.FromSeconds(1)); // an older answer that comes late
        Assert.False(lease.IsOver);
    }

    [Fact]
    public async Task Pushes_whose_time_is_over_wait_for_the_next_grant_and_others_pass_them()
    {
        var lease = new StartLease(clock);
        var client = apns.NewClient();
        var answers = new CollectedAnswers(500);
        var waiting = client.SendAsync(Pushes.Alert, Pushes.Tokens(500), answers, new ApnsSendOptions(Starts: lease), CancellationToken.None);

        Assert.All(await client.SendAsync(Pushes.Tokens(500)), answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((0, 500), (answers.Received, apns.Simulator.Stats.Accepted));

        lease.Grant(clock.GetTimestamp(), TimeSpan.FromSeconds(1));
        await waiting.WaitAsync(Eventually.Patience);
        Assert.All(answers.All(), answer => Assert.Equal(Answer.Accepted, answer.Answer));
    }

    [Fact]
    public async Task When_time_ends_in_the_middle_nothing_more_is_written_and_a_stop_returns_the_rest()
    {
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(50));
        var lease = new StartLease(clock);
        lease.Grant(clock.GetTimestamp(), TimeSpan.FromSeconds(1));
        using var stopping = new CancellationTokenSource();
        var client = apns.NewClient(maxStreams: 20);
        var answers = new CollectedAnswers(5000);
        var sending = client.SendAsync(Pushes.Alert, Pushes.Tokens(5000), answers, new ApnsSendOptions(Starts: lease), stopping.Token);
        await Eventually.TrueAsync(() => apns.Simulator.Stats.Accepted > 100, Eventually.Patience, "some pushes");

        clock.Pass(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => client.Statistics.PushesInFlight == 0, Eventually.Patience, "what was written is answered");
        var written = apns.Simulator.Stats.Accepted;
        Assert.All(await client.SendAsync(Pushes.Tokens(100)), answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal(written + 100, apns.Simulator.Stats.Accepted);

        await stopping.CancelAsync();
        await sending.WaitAsync(Eventually.Patience);
        Assert.Equal(written, answers.All().Count(answer => answer.Answer == Answer.Accepted));
        Assert.Equal(5000 - written, answers.All().Count(answer => answer.Answer == Answer.Unprocessed));
    }

    [Fact]
    public async Task When_the_process_stands_still_in_the_middle_of_a_write_its_pushes_stay_and_what_the_connection_has_to_say_goes_out()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id));
        var lease = new StartLease(clock);
        lease.Grant(clock.GetTimestamp(), TimeSpan.FromSeconds(1));
        using var payload = new PayloadThatTakesItsTime(() => clock.Pass(TimeSpan.FromSeconds(2)));
        var late = new ApnsNotification { Payload = payload.Memory, Topic = "com.example.shop", PushType = "alert" };
        var client = server.NewClient(answerTimeout: 60, startTimeout: 60, clock: clock);

        var sending = client.SendAsync(late, Pushes.Token(), new ApnsSendOptions(Starts: lease), CancellationToken.None).AsTask();

        // The first push of a connection goes into one write with the acknowledgement of the server's SETTINGS.
        await Eventually.TrueAsync(() => client.Statistics.ConnectionsClosed.ContainsKey(ApnsConnectionEnd.Recycled), Eventually.Patience, "the write taken back");
        var connection = server.Connections.Single();
        await Eventually.TrueAsync(() => connection.SettingsAcknowledged == 1, Eventually.Patience, "the acknowledgement");
        Assert.False(sending.IsCompleted);
        Assert.Equal((0, 0), (connection.Pushes, connection.LastStream));
        lease.Grant(clock.GetTimestamp(), TimeSpan.FromHours(1));
        clock.Pass(TimeSpan.FromSeconds(2)); // the pause after a connection that was of no use
        Assert.Equal(Answer.Accepted, (await sending.WaitAsync(Eventually.Patience)).Answer);
        Assert.Equal(2, server.Connections.Count);
    }

    /// <summary>Something happens when its bytes are looked at for the first time.</summary>
    private sealed class PayloadThatTakesItsTime(Action meanwhile) : MemoryManager<byte>
    {
        private readonly byte[] bytes = "{}"u8.ToArray();
        private Action? happens = meanwhile;

        public override Memory<byte> Memory => CreateMemory(bytes.Length);

        public override Span<byte> GetSpan()
        {
            Interlocked.Exchange(ref happens, null)?.Invoke();
            return bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            // nothing is held
        }
    }
}
