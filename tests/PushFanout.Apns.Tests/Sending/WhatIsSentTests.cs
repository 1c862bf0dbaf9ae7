using System.Text;
using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Sending;

public sealed class WhatIsSentTests : IAsyncLifetime
{
    private SimulatedApns apns = null!;

    public async Task InitializeAsync() => apns = await SimulatedApns.StartAsync();

    public Task DisposeAsync() => apns.DisposeAsync().AsTask();

    [Fact]
    public async Task The_same_push_has_the_same_id_and_another_token_another()
    {
        var seed = Guid.NewGuid();
        var tokens = Pushes.Tokens(2);
        var client = apns.NewClient();
        await client.SendAsync(tokens, Pushes.New("first", seed));
        await client.SendAsync(tokens, Pushes.New("again", seed));

        var ids = tokens.Select(token => ApnsId.For(seed, token.Span)).Order().ToArray();
        Assert.Equal(ids, apns.Simulator.Recorder.Pushes("first").Select(push => push.ApnsId).Order());
        Assert.Equal(ids, apns.Simulator.Recorder.Pushes("again").Select(push => push.ApnsId).Order());

    }

    [Fact]
    public async Task Notifications_that_alternate_on_one_connection_do_not_mix_their_headers()
    {
        var client = apns.NewClient();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.SendAsync(Pushes.Tokens(50 + i), Pushes.New($"list-{i}"))));

        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => ($"list-{i}", 50L + i)),
            apns.Simulator.Recorder.Notifications.Select(count => (count.Notification, count.Accepted)).Order());
    }

    [Fact]
    public async Task Tokens_of_any_length_and_bodies_of_any_size_are_accepted()
    {
        var client = apns.NewClient();
        foreach (var length in new[] { 1, 32, 54, 100 })
        {
            var answer = await client.SendAsync(Pushes.New(payloadBytes: 4096), new byte[length], default, CancellationToken.None);
            Assert.Equal(Answer.Accepted, answer.Answer);
        }
        Assert.Equal(ApnsReason.PayloadTooLarge, (await client.SendAsync(Pushes.New(payloadBytes: 4097), Pushes.Token(), default, CancellationToken.None)).Reason);
    }

    [Fact]
    public async Task Large_bodies_pass_a_small_window_of_the_server()
    {
        var answers = await apns.NewClient().SendAsync(Pushes.Tokens(500), Pushes.New(payloadBytes: 4096));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
    }

    [Fact]
    public async Task A_collapse_id_may_be_any_text_of_64_bytes()
    {
        var answer = await apns.NewClient().SendAsync(Pushes.New(new string('ü', 32)), Pushes.Token(), default, CancellationToken.None);

        Assert.Equal(Answer.Accepted, answer.Answer);
    }

    [Fact]
    public async Task Nothing_that_Apple_advises_against_is_found()
    {
        var client = apns.NewClient();
        await client.SendAsync(Pushes.Tokens(500));

        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task A_token_of_a_wrong_length_is_a_bug_of_the_caller_and_nothing_is_sent()
    {
        var client = apns.NewClient();
        var tokens = Pushes.Tokens(3);
        tokens[1] = new byte[101];

        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(tokens));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(ReadOnlyMemory<byte>.Empty));
        Assert.Equal(0, apns.Simulator.Stats.Answered);
    }

    [Fact]
    public async Task An_empty_list_is_done_at_once()
    {
        Assert.Empty(await apns.NewClient().SendAsync([]));
    }

    [Fact]
    public async Task A_listener_that_throws_fails_its_own_call_after_all_answers_and_no_other()
    {
        var client = apns.NewClient();
        var answers = new Throwing();

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendAsync(Pushes.Alert, Pushes.Tokens(10), answers, default, CancellationToken.None));

        Assert.Equal(10, answers.Count);
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
    }

    [Fact]
    public void No_text_shows_a_secret_a_token_or_a_payload()
    {
        var notification = new ApnsNotification { Payload = Encoding.UTF8.GetBytes("canary"), Topic = "com.example.shop", PushType = "alert" };
        var texts = new object[] { notification, apns.Credential, new PushAnswer(Answer.Accepted), apns.NewClient(), ((ProviderTokenKey)apns.Credential).Token.Get() };
        Assert.All(texts, text =>
        {
            Assert.DoesNotContain("canary", text.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("bearer", text.ToString(), StringComparison.Ordinal);
        });
    }

    private sealed class Throwing : IPushAnswers
    {
        private int count;

        public int Count => count;

        public void OnAnswer(int index, in PushAnswer answer)
        {
            Interlocked.Increment(ref count);
            throw new InvalidOperationException("a bug in the listener");
        }
    }
}
