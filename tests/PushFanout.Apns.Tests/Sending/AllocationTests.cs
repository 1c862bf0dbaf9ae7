using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Sending;

/// <summary>Nothing else may run in the process meanwhile: what is counted is what all of it allocates.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationCollection;

[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Count = 50_000;

    [Fact]
    public async Task A_push_of_a_list_allocates_nothing()
    {
        await using var apns = new QuietApns();
        using var key = TestKey.New();
        await using var client = new ApnsClient(key, apns.Options);
        var tokens = Pushes.Tokens(Count);
        var notification = Pushes.New("a collapse id", Guid.NewGuid(), payloadBytes: 200);
        var accepted = new Accepted();
        await SendAsync(); // connections, buffers and compiled code
        await SendAsync();

        var before = GC.GetTotalAllocatedBytes(precise: true);
        await SendAsync();
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(3 * Count, accepted.Total);
        // The call, the ticks of its clock and the reads of the in-process server make some; no object is smaller than 24 bytes.
        Assert.InRange(allocated / (double)Count, 0, 8);

        Task SendAsync() => client.SendAsync(notification, tokens, accepted, default, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private sealed class Accepted : IPushAnswers
    {
        private int total;

        public int Total => total;

        public void OnAnswer(int index, in PushAnswer answer) => Interlocked.Add(ref total, answer.Answer == Answer.Accepted ? 1 : 0);
    }
}
