namespace PushFanout.ApnsSimulator.Tests;

/// <summary>What is said about the way in which a client writes its headers and uses its connections.</summary>
public sealed class HeaderLintTests
{
    private const byte NotIndexed = 0x00, Indexed = 0x40;
    private static readonly byte[] PathKept = [0x04], PathIndexed = [0x44];
    private static readonly byte[] AuthorizationKept = [0x0f, 23 - 15], AuthorizationIndexed = [0x57];

    [Fact]
    public async Task Headers_written_as_Apple_advises_are_not_remarked_upon()
    {
        await using var apns = await Bed.StartAsync();
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        await PushAsync(connection, 1, apns, PathKept, AuthorizationKept,
            [.. RawConnection.NewName(Indexed, "apns-topic", Client.Topic), .. RawConnection.NewName(Indexed, "apns-id", Id(1))]);
        byte[] topicByIndex = [0x80 | 63];
        await PushAsync(connection, 3, apns, PathKept, AuthorizationKept, [.. topicByIndex, .. RawConnection.KnownName([0x0f, 62 - 15], Id(3))]);
        await PushAsync(connection, 5, apns, PathKept, AuthorizationKept, [.. topicByIndex, .. RawConnection.KnownName([0x0f, 62 - 15], Id(5))]);
        Assert.Equal([Finding.ConnectionsInOneMinute], apns.Simulator.Findings.Keys);
    }

    [Fact]
    public async Task What_wastes_the_header_table_is_counted()
    {
        await using var apns = await Bed.StartAsync();
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        var topic = RawConnection.NewName(NotIndexed, "apns-topic", Client.Topic);
        await PushAsync(connection, 1, apns, PathIndexed, AuthorizationIndexed, [.. topic, .. RawConnection.NewName(Indexed, "apns-id", Id(1))]);
        await PushAsync(connection, 3, apns, PathIndexed, AuthorizationKept, [.. topic, .. RawConnection.KnownName([0x7f, 0], Id(3))]); // 63: the path is newer
        Assert.Equal(
            new Dictionary<Finding, long>
            {
                [Finding.ConnectionsInOneMinute] = 1,
                [Finding.PathIndexed] = 2,
                [Finding.AuthorizationIndexed] = 1,
                [Finding.IdIndexedAgain] = 1,
                [Finding.TopicNotIndexed] = 1,
            },
            apns.Simulator.Findings);
    }

    [Fact]
    public async Task A_priority_is_reported_and_from_a_strict_server_the_last_word()
    {
        await using var apns = await Bed.StartAsync();
        await using var strict = await Bed.StartAsync(new() { Rules = ConnectionRules.Strict, LongestLinger = RawConnection.Linger });
        foreach (var (bed, ends) in new[] { (apns, false), (strict, true) })
        {
            await using var connection = await RawConnection.OpenAsync(bed.Simulator);
            await connection.WriteAsync(RawFrame.Priority, 0, 1, [0, 0, 0, 0, 15]);
            if (ends)
            {
                Assert.Equal("""{"reason":"PriorityFrame"}""", (await connection.NextAsync(frame => frame.Is(RawFrame.GoAway))).Text(8));
                await connection.RestAsync();
            }
            else
            {
                await connection.PushAsync(3, bed.ProviderToken);
                Assert.True((await connection.AnswerAsync(3)).Accepted);
            }
            Assert.Equal(1, bed.Simulator.Findings[Finding.PriorityFrame]);
        }
    }

    [Fact]
    public async Task More_connections_in_a_minute_than_the_rules_allow_are_dropped()
    {
        var clock = new SettableClock();
        await using var apns = await Bed.StartAsync(new() { TimeProvider = clock, Rules = new() { MaxConnectionsPerMinute = 2 } });
        foreach (var allowed in new[] { true, true, false })
        {
            using var client = new Client(apns.Simulator);
            var sending = client.SendAsync(apns.Push());
            if (allowed)
            {
                Assert.Equal(200, (await sending).Status);
            }
            else
            {
                await Assert.ThrowsAsync<HttpRequestException>(() => sending);
            }
        }
        Assert.Equal((3, 1), (apns.Simulator.Findings[Finding.ConnectionsInOneMinute], apns.Simulator.Findings[Finding.TooManyConnections]));
        clock.Move(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
    }

    private static string Id(int stream) => $"00000000-0000-4000-8000-{stream:d12}";

    private static async Task PushAsync(RawConnection connection, int stream, Bed apns, byte[] path, byte[] authorization, byte[] more)
    {
        byte[] block =
        [
            0x83, 0x87, // POST, https
            .. RawConnection.KnownName([0x01], "localhost"),
            .. RawConnection.KnownName(path, $"/3/device/{Client.Hex(Client.Token(stream))}"),
            .. RawConnection.KnownName(authorization, $"bearer {apns.ProviderToken}"),
            .. RawConnection.NewName(NotIndexed, "apns-push-type", "alert"),
            .. more,
        ];
        await connection.WriteAsync(RawFrame.Headers, RawFrame.EndHeaders, stream, block);
        await connection.WriteAsync(RawFrame.Data, RawFrame.End, stream, "{\"aps\":{}}"u8.ToArray());
        Assert.True((await connection.AnswerAsync(stream)).Accepted);
    }
}
