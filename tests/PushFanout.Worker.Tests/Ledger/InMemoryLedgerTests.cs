using PushFanout.Worker.Ledger;
using static PushFanout.Worker.Tests.Ledger.Sends;

namespace PushFanout.Worker.Tests.Ledger;

public sealed class InMemoryLedgerTests : LedgerEndScenarios
{
    private protected override Task<LedgerUnderTest> StartAsync(LedgerLimits limits) =>
        Task.FromResult<LedgerUnderTest>(new InMemoryUnderTest(limits));

    [Fact]
    public async Task Only_so_many_ended_notifications_are_kept()
    {
        await using var test = await StartAsync(new LedgerLimits { Listed = 3 });
        for (var i = 0; i < 10; i++)
        {
            var send = Short(0);
            await test.Ledger.CreateAsync(send, default);
            await test.Ledger.FinishAsync(send.Id, default);
            await test.Ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);
        }

        Assert.Equal(3, (await test.Ledger.ListAsync(100, before: null, default)).Count);
    }
}
