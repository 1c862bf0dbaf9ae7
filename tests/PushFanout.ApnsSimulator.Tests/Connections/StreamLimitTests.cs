namespace PushFanout.ApnsSimulator.Tests;

/// <summary>How many streams a connection has: what the rules say, what the test orders, and what happens to streams above.</summary>
public sealed class StreamLimitTests
{
    private static readonly ConnectionRules OneAtFirst = new() { StreamsBeforeAuthentication = 1 };

    [Fact]
    public async Task A_connection_begins_with_one_stream_and_gets_all_with_the_first_accepted_push()
    {
        await using var apns = await Bed.StartAsync(new() { Rules = ConnectionRules.Strict });
        var (connection, settings) = await RawConnection.GreetAsync(apns.Simulator);
        await using var _ = connection;
        Assert.Equal(1, settings.Setting(RawConnection.MaxConcurrentStreams));

        await connection.PushAsync(1, apns.ProviderToken);

        Assert.Equal(1000, await NextLimitAsync(connection));
        Assert.True((await connection.AnswerAsync(1)).Accepted);
    }

    [Fact]
    public async Task With_a_client_certificate_all_streams_are_there_from_the_start()
    {
        using var authority = SimulatorAuthority.Create();
        using var certificate = authority.IssueClientCertificate("com.example.shop");
        await using var apns = await Bed.StartAsync(new() { Rules = ConnectionRules.Strict, ClientCertificates = [new(certificate, [Client.Topic])] });
        apns.Simulator.StrikeNext(Fault.Delay(TimeSpan.FromMilliseconds(200)), 20);
        using var client = new Client(apns.Simulator, certificate);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.SendAsync(Client.Push(null)))), answer => Assert.Equal(200, answer.Status));
        Assert.DoesNotContain(Finding.StreamsBeforeSettings, apns.Simulator.Findings.Keys);
    }

    [Fact]
    public async Task A_stream_above_the_limit_is_refused_and_its_push_was_not_handled()
    {
        await using var apns = await Bed.StartAsync(new() { Rules = OneAtFirst });
        var (connection, _) = await RawConnection.GreetAsync(apns.Simulator);
        await using var closed = connection;
        var halfOpen = await BeginAsync(connection, 1, apns);

        await connection.PushAsync(3, apns.ProviderToken, Client.Token(3));
        Assert.Equal(Fault.RefusedStream, (await connection.NextAsync(frame => frame.Is(RawFrame.ResetStream, 3))).Number());
        await halfOpen();

        Assert.True((await connection.AnswerAsync(1)).Accepted);
        Assert.Equal(1, apns.Simulator.Recorder.Answered);
        Assert.Equal(1, apns.Simulator.Findings[Finding.StreamLimitExceeded]);
    }

    [Fact]
    public async Task Streams_in_a_crowd_before_the_first_SETTINGS_were_read_are_refused_and_reported()
    {
        await using var apns = await Bed.StartAsync(new() { Rules = ConnectionRules.Strict });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        var halfOpen = await BeginAsync(connection, 1, apns);
        await connection.PushAsync(3, apns.ProviderToken);
        Assert.Equal(Fault.RefusedStream, (await connection.NextAsync(frame => frame.Is(RawFrame.ResetStream, 3))).Number());
        await halfOpen();
        Assert.True((await connection.AnswerAsync(1)).Accepted);
        Assert.Equal(1, apns.Simulator.Findings[Finding.StreamsBeforeSettings]);
    }

    [Fact]
    public async Task A_client_that_breaks_a_limit_it_acknowledged_is_sent_away()
    {
        await using var apns = await Bed.StartAsync(new() { Rules = ConnectionRules.Strict });
        var (connection, _) = await RawConnection.GreetAsync(apns.Simulator);
        await using var closed = connection;
        await BeginAsync(connection, 1, apns);
        await BeginAsync(connection, 3, apns);

        var goAway = await connection.NextAsync(frame => frame.Is(RawFrame.GoAway));

        Assert.Equal((Fault.RefusedStream, "Maximum active streams violated for this endpoint."), (goAway.Number(4), goAway.Text(8)));
        await connection.RestAsync();
        Assert.Equal(0, apns.Simulator.Recorder.Answered);
    }

    [Theory]
    [InlineData(400, "BadDeviceToken", true)]
    [InlineData(403, "InvalidProviderToken", true)]
    [InlineData(429, "TooManyRequests", true)]
    [InlineData(410, "Unregistered", false)]
    [InlineData(503, "ServiceUnavailable", false)]
    public async Task After_a_rejection_there_is_one_stream_until_the_next_accepted_push(int status, string reason, bool lowers)
    {
        await using var apns = await Bed.StartAsync(new() { Rules = new() { StreamsAfterRejection = 1 } });
        var (connection, settings) = await RawConnection.GreetAsync(apns.Simulator);
        await using var _ = connection;
        Assert.Equal(1000, settings.Setting(RawConnection.MaxConcurrentStreams));
        apns.Simulator.AnswerNext(status, reason);
        await connection.PushAsync(1, apns.ProviderToken);
        if (lowers)
        {
            Assert.Equal(1, await NextLimitAsync(connection));
        }
        Assert.Contains(reason, (await connection.AnswerAsync(1)).Body, StringComparison.Ordinal);
        await connection.AcknowledgeAsync();
        await connection.PushAsync(3, apns.ProviderToken);
        if (lowers)
        {
            Assert.Equal(1000, await NextLimitAsync(connection));
        }
        Assert.True((await connection.AnswerAsync(3)).Accepted);
    }

    [Fact]
    public async Task Streams_that_crossed_a_lower_limit_on_the_way_are_refused_without_blame()
    {
        await using var apns = await Bed.StartAsync(new() { Rules = ConnectionRules.Strict with { StreamsBeforeAuthentication = null } });
        var (connection, _) = await RawConnection.GreetAsync(apns.Simulator);
        await using var closed = connection;
        apns.Simulator.AnswerNext(400, "BadDeviceToken");
        await connection.PushAsync(1, apns.ProviderToken);
        await connection.AnswerAsync(1);
        var halfOpen = await BeginAsync(connection, 3, apns); // the lower limit has arrived, and is not acknowledged
        await connection.PushAsync(5, apns.ProviderToken);
        Assert.Equal(Fault.RefusedStream, (await connection.NextAsync(frame => frame.Is(RawFrame.ResetStream, 5))).Number());
        await halfOpen();
        Assert.True((await connection.AnswerAsync(3)).Accepted);
        Assert.DoesNotContain(Finding.StreamLimitExceeded, apns.Simulator.Findings.Keys);
    }

    [Fact]
    public async Task The_limit_can_be_ordered_down_to_none_and_given_back()
    {
        await using var apns = await Bed.StartAsync();
        var (connection, _) = await RawConnection.GreetAsync(apns.Simulator);
        await using var closed = connection;
        apns.Simulator.StrikeNext(Fault.LimitStreams(2));
        await connection.PushAsync(1, apns.ProviderToken);
        Assert.Equal(2, await NextLimitAsync(connection));
        await connection.AnswerAsync(1);
        await connection.AcknowledgeAsync();

        apns.Simulator.LimitStreams(0);
        Assert.Equal(0, await NextLimitAsync(connection));
        await connection.AcknowledgeAsync();
        await connection.PushAsync(3, apns.ProviderToken);
        Assert.Equal(Fault.RefusedStream, (await connection.NextAsync(frame => frame.Is(RawFrame.ResetStream, 3))).Number());
        await using (var later = await RawConnection.OpenAsync(apns.Simulator))
        {
            Assert.Equal(0, await NextLimitAsync(later));
        }

        apns.Simulator.LimitStreams(null);
        Assert.Equal(1000, await NextLimitAsync(connection));
        await connection.PushAsync(5, apns.ProviderToken);
        Assert.True((await connection.AnswerAsync(5)).Accepted);
    }

    [Fact]
    public async Task Limits_that_change_faster_than_they_are_acknowledged_are_not_all_told()
    {
        await using var apns = await Bed.StartAsync();
        var (connection, _) = await RawConnection.GreetAsync(apns.Simulator);
        await using var closed = connection;
        await connection.PushAsync(1, apns.ProviderToken); // shows that the acknowledgement has arrived
        await connection.AnswerAsync(1);
        for (var limit = 1; limit <= 50; limit++)
        {
            apns.Simulator.LimitStreams(limit);
        }
        Assert.Equal(1, await NextLimitAsync(connection));
        await connection.AcknowledgeAsync();
        Assert.Equal(50, await NextLimitAsync(connection));
    }

    [Fact]
    public async Task Too_many_rejections_end_a_connection_and_dead_tokens_do_not_count()
    {
        await using var apns = await Bed.StartAsync(new() { Rules = new() { MaxRejections = 11 }, LongestLinger = RawConnection.Linger });
        var (connection, _) = await RawConnection.GreetAsync(apns.Simulator);
        await using var closed = connection;
        foreach (var (status, reason) in new[] { (410, "Unregistered"), (400, "BadDeviceToken"), (200, null), (400, "BadDeviceToken"), (403, "Forbidden"), (400, "BadTopic") })
        {
            apns.Simulator.AnswerNext(status, reason!);
        }
        for (var stream = 1; stream < 11; stream += 2)
        {
            await connection.PushAsync(stream, apns.ProviderToken);
            await connection.AnswerAsync(stream);
        }
        await connection.PushAsync(11, apns.ProviderToken);
        Assert.Equal(11, Assert.Single(await connection.RestAsync(), frame => frame.Is(RawFrame.GoAway)).Number());
    }

    [Fact]
    public async Task A_small_window_lets_a_body_through_bit_by_bit()
    {
        await using var apns = await Bed.StartAsync(new() { Rules = new() { StreamWindowBytes = 100 } });
        var (connection, settings) = await RawConnection.GreetAsync(apns.Simulator);
        await using var closed = connection;
        Assert.Equal(100, settings.Setting(RawConnection.InitialWindowSize));
        await BeginAsync(connection, 1, apns);
        await connection.WriteAsync(RawFrame.Data, 0, 1, new byte[100]);
        Assert.Equal(100, (await connection.NextAsync(frame => frame.Is(RawFrame.WindowUpdate, 1))).Number());

        var body = "{\"aps\":{\"alert\":\"" + new string('x', 4000) + "\"}}";
        Assert.Equal(200, (await apns.SendAsync(Client.Push(apns.ProviderToken, body: body))).Status);
    }

    private static async Task<int?> NextLimitAsync(RawConnection connection) =>
        (await connection.NextAsync(frame => frame.Is(RawFrame.Settings))).Setting(RawConnection.MaxConcurrentStreams);

    /// <summary>Opens a stream whose body does not come yet.</summary>
    /// <returns>Sends the body.</returns>
    private static async Task<Func<Task>> BeginAsync(RawConnection connection, int stream, Bed apns)
    {
        await connection.WriteAsync(
            RawFrame.Headers, RawFrame.EndHeaders, stream, [.. RawConnection.Fields(apns.ProviderToken, Client.Token(stream)).SelectMany(field => RawConnection.NewName(0, field.Name, field.Value))]);
        return () => connection.WriteAsync(RawFrame.Data, RawFrame.End, stream, "{\"aps\":{}}"u8.ToArray());
    }
}
