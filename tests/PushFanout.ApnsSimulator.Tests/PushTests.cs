namespace PushFanout.ApnsSimulator.Tests;

public sealed class PushTests
{
    [Fact]
    public async Task A_right_push_is_accepted_with_an_empty_body_and_its_own_id()
    {
        await using var simulator = await SimulatorHost.StartAsync(new());
        using var client = new Client(simulator);
        var push = Client.Push(Signer.Demo(simulator).Sign());
        push.Headers.Add("apns-id", "123e4567-e89b-12d3-a456-426614174000");
        var answer = await client.SendAsync(push);
        Assert.Equal((200, null), (answer.Status, answer.Reason));
        Assert.Equal("123e4567-e89b-12d3-a456-426614174000", answer.ApnsId);
        Assert.Equal(1, simulator.Recorder.Accepted);
    }
}
