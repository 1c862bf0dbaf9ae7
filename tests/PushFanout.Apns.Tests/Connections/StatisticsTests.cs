using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Connections;

public sealed class StatisticsTests
{
    [Fact]
    public async Task Each_connection_that_takes_pushes_shows_its_place_its_pushes_and_its_limit_and_the_next_one_takes_its_place()
    {
        var held = new TaskCompletionSource<(RawConnection Connection, int Id)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 2 && held.TrySetResult((connection, id)))
            {
                return;
            }
            await connection.AnswerAsync(id);
        });
        var client = server.NewClient();
        Assert.Empty(client.Statistics.Connections);
        await client.SendAsync();
        var sending = client.SendAsync();
        var (first, waiting) = await held.Task;

        Assert.Equal([new ApnsConnectionStatistics(Place: 0, PushesInFlight: 1, client.Statistics.StreamLimit)], client.Statistics.Connections);
        Assert.Empty(client.Statistics.GoAways);
        await first.GoAwayAsync(waiting, debug: """{"reason":"Shutdown"}""");
        await first.AnswerAsync(waiting);
        await sending;
        await client.SendAsync();

        var second = Assert.Single(client.Statistics.Connections);
        Assert.Equal((0, 0), (second.Place, second.PushesInFlight));
        Assert.Equal([new KeyValuePair<string, long>("NO_ERROR", 1)], client.Statistics.GoAways);
        Assert.Equal((2, 1), (client.Statistics.ConnectionsOpened, client.Statistics.ConnectionsClosed[ApnsConnectionEnd.GoAway]));
    }
}
