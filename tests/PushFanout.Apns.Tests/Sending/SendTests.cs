using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Sending;

public sealed class SendTests : IAsyncLifetime
{
    private SimulatedApns apns = null!;

    public async Task InitializeAsync() => apns = await SimulatedApns.StartAsync();

    public Task DisposeAsync() => apns.DisposeAsync().AsTask();

    [Fact]
    public async Task One_push_is_accepted_and_says_how_long_that_took()
    {
        var answer = await apns.NewClient().SendAsync();

        Assert.Equal((Answer.Accepted, ApnsReason.None, 200), (answer.Answer, answer.Reason, answer.Status));
        Assert.Null(answer.ReasonText);
        Assert.InRange(answer.Elapsed, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Twenty_thousand_tokens_each_get_one_push_and_one_answer()
    {
        var answers = await apns.NewClient().SendAsync(Pushes.Tokens(20_000), Pushes.New(seed: Guid.NewGuid()));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((20_000, 0, 1), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates, apns.Simulator.Stats.ConnectionsTotal));
    }
}
