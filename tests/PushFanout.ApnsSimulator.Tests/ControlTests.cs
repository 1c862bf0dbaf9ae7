using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace PushFanout.ApnsSimulator.Tests;

public sealed class ControlTests : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };

    [Fact]
    public async Task Stats_tell_everything_in_numbers()
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.Tokens.Answer(Client.Token(2), 410, "Unregistered");
        await apns.SendAsync(apns.Push(Client.Token(1), "sale"));
        await apns.SendAsync(apns.Push(Client.Token(1), "sale"));
        await apns.SendAsync(apns.Push(Client.Token(2), "sale"));
        var stats = await GetAsync(apns, "/stats");
        Assert.Equal(
            """{"accepted":2,"answered":3,"duplicates":1,"notRemembered":0,"byStatus":{"200":2,"410":1},"byReason":{"Unregistered":1},"faults":{"answer":1},"notifications":1,"connectionsOpen":1,"connectionsTotal":1,"requestsInFlight":0}""",
            stats.GetRawText());
        Assert.Equal(2, (await GetAsync(apns, "/notifications"))[0].GetProperty("accepted").GetInt32());
        Assert.Equal(1, (await GetAsync(apns, "/lint")).GetProperty("connectionsInOneMinute").GetInt32());
    }

    [Fact]
    public async Task Pushes_come_as_JSON_and_as_32_bytes_each_page_by_page()
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.Tokens.Answer(Client.Token(7), 410, "Unregistered");
        for (var i = 0; i < 10; i++)
        {
            await apns.SendAsync(apns.Push(Client.Token(i), i % 2 == 0 ? "even" : "odd"));
        }
        var json = await GetAsync(apns, "/pushes?notification=odd&skip=1&take=2");
        Assert.Equal(new[] { 3, 5 }.Select(i => DeviceTokenHash.Of(Client.Token(i)).ToString("x16", null)), json.EnumerateArray().Select(push => push.GetProperty("tokenHash").GetString()));
        var refused = Assert.Single((await GetAsync(apns, "/pushes?outcome=refused")).EnumerateArray());
        Assert.Equal("Unregistered", refused.GetProperty("reason").GetString());

        var binary = await http.GetByteArrayAsync(new Uri(apns.Simulator.ControlEndpoint, "/pushes?notification=even&format=binary"));
        var expected = apns.Simulator.Recorder.Pushes("even").ToList();
        Assert.Equal(5 * 32, binary.Length);
        for (var i = 0; i < expected.Count; i++)
        {
            var push = binary.AsSpan(32 * i, 32);
            Assert.Equal(expected[i].TokenHash, BinaryPrimitives.ReadUInt64LittleEndian(push));
            Assert.Equal(expected[i].ApnsId, new Guid(push[8..24], bigEndian: true));
            Assert.Equal(expected[i].At.ToUnixTimeMilliseconds(), BinaryPrimitives.ReadInt64LittleEndian(push[24..]));
        }
    }

    [Fact]
    public async Task Many_pushes_are_streamed()
    {
        await using var apns = await Bed.StartAsync();
        for (ulong i = 0; i < 20_000; i++)
        {
            apns.Simulator.Recorder.Accept(i, "sale", Guid.Empty, true);
        }
        Assert.Equal(20_000 * 32, (await http.GetByteArrayAsync(new Uri(apns.Simulator.ControlEndpoint, "/pushes?format=binary"))).Length);
        Assert.Equal(20_000, (await GetAsync(apns, "/pushes")).GetArrayLength());
    }

    [Fact]
    public async Task Waiting_answers_when_the_pushes_are_there_or_the_time_is_over()
    {
        await using var apns = await Bed.StartAsync();
        var waiting = GetAsync(apns, "/wait?accepted=1&timeoutSeconds=30");
        await apns.SendAsync(apns.Push());
        Assert.True((await waiting).GetProperty("reached").GetBoolean());
        var tooFew = await GetAsync(apns, "/wait?answered=2&timeoutSeconds=0");
        Assert.False(tooFew.GetProperty("reached").GetBoolean());
        Assert.Equal(1, tooFew.GetProperty("answered").GetInt32());
    }

    [Fact]
    public async Task Faults_tokens_and_latency_are_ordered_and_taken_back()
    {
        await using var apns = await Bed.StartAsync();
        await PostAsync(apns, "/faults", """[{"times":1,"status":503,"reason":"ServiceUnavailable","retryAfterSeconds":3},{"times":1,"kind":"delay","milliseconds":1},{"share":1,"status":500,"reason":"InternalServerError"}]""");
        var first = await apns.SendAsync(apns.Push());
        Assert.Equal((503, TimeSpan.FromSeconds(3)), (first.Status, first.Headers.RetryAfter?.Delta));
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        Assert.Equal(500, (await apns.SendAsync(apns.Push())).Status);

        await PostAsync(apns, "/tokens", $$"""{"scripts":[{"token":"{{Client.Hex(Client.Token(1))}}","status":410,"reason":"Unregistered","timestamp":1772366400000}]}""");
        var gone = await apns.SendAsync(apns.Push(Client.Token(1)));
        Assert.Equal((410, 1_772_366_400_000), (gone.Status, gone.Timestamp));
        await PostAsync(apns, "/tokens", """{"wrongEnvironment":true}""");
        Assert.Equal("BadDeviceToken", (await apns.SendAsync(apns.Push(Client.Token(2)))).Reason);
        await PostAsync(apns, "/latency", """{"leastMilliseconds":40,"mostMilliseconds":50}""");
        Assert.Equal(TimeSpan.FromMilliseconds(50), apns.Simulator.Latency.Most);

        await PostAsync(apns, "/heal", "");
        Assert.Equal(200, (await apns.SendAsync(apns.Push(Client.Token(1)))).Status);
        Assert.Equal(AnswerLatency.None, apns.Simulator.Latency);
        await PostAsync(apns, "/goaway", "");
        await apns.AllConnectionsClosedAsync();
        using var later = new Client(apns.Simulator);
        Assert.Equal(200, (await later.SendAsync(apns.Push())).Status);
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
        await PostAsync(apns, "/reset", "");
        Assert.Equal(0, apns.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task What_happens_to_connections_is_ordered_too()
    {
        await using var apns = await Bed.StartAsync(new() { LongestLinger = RawConnection.Linger });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        await PostAsync(apns, "/faults", """[{"times":1,"kind":"limitStreams","limit":5},{"times":1,"kind":"resetAnswer","reason":"BadTopic","errorCode":8}]""");
        await connection.PushAsync(1, apns.ProviderToken);
        await connection.AnswerAsync(1);
        await connection.PushAsync(3, apns.ProviderToken);
        Assert.Equal(8, (await connection.NextAsync(frame => frame.Is(RawFrame.ResetStream, 3))).Number());

        await PostAsync(apns, "/pings", """{"answered":false}""");
        await connection.WriteAsync(RawFrame.Ping, 0, 0, "11111111"u8.ToArray());
        await PostAsync(apns, "/goaway", """{"debug":"enough","errorCode":11,"unhandled":1,"twice":true}""");
        await connection.PushAsync(5, apns.ProviderToken);
        var rest = await connection.RestAsync();
        Assert.Equal([(int.MaxValue, "enough"), (3, "enough")], rest.Where(frame => frame.Is(RawFrame.GoAway)).Select(frame => (frame.Number(), frame.Text(8))));
        Assert.DoesNotContain(rest, frame => frame.Type == RawFrame.Ping);

        await PostAsync(apns, "/streams", """{"limit":0}""");
        await PostAsync(apns, "/faults", """[{"times":1,"kind":"cutAnswer","status":403,"reason":"Forbidden"},{"times":1,"kind":"goAway","frame":{"drop":true}}]""");
        await PostAsync(apns, "/heal", "");
        await using var later = await RawConnection.OpenAsync(apns.Simulator);
        Assert.Equal(1000, (await later.NextAsync(frame => frame.Is(RawFrame.Settings))).Setting(RawConnection.MaxConcurrentStreams));
        await later.PushAsync(1, apns.ProviderToken);
        Assert.True((await later.AnswerAsync(1)).Accepted);
    }

    [Theory]
    [InlineData("/streams", """{"limit":-1}""")]
    [InlineData("/goaway", """{"reason":"unknown"}""")]
    [InlineData("/faults", """[{"times":1,"kind":"limitStreams"}]""")]
    [InlineData("/faults", """[{"times":1,"kind":"cutAnswer","status":400}]""")]
    [InlineData("/faults", """[{"status":500}]""")]
    [InlineData("/faults", """[{"times":1,"share":0.1,"status":500}]""")]
    [InlineData("/faults", """[{"share":1.5,"status":500}]""")]
    [InlineData("/faults", """[{"times":1}]""")]
    [InlineData("/faults", """[{"times":1,"status":500,"unknown":1}]""")]
    [InlineData("/faults", """not JSON""")]
    [InlineData("/tokens", """{"scripts":[{"token":"xyz","status":410}]}""")]
    public async Task A_wrong_order_is_refused_and_changes_nothing(string path, string body)
    {
        await using var apns = await Bed.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(apns.Simulator.ControlEndpoint, path), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString()!);
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
    }

    [Fact]
    public async Task The_authority_can_be_fetched_and_what_is_not_there_is_not_found()
    {
        await using var apns = await Bed.StartAsync();
        var pem = await http.GetStringAsync(new Uri(apns.Simulator.ControlEndpoint, "/ca.pem"));
        Assert.Equal(await File.ReadAllTextAsync(apns.Simulator.AuthorityFile), pem);
        using var nothing = await http.GetAsync(new Uri(apns.Simulator.ControlEndpoint, "/nothing"));
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    public void Dispose() => http.Dispose();

    private Task<JsonElement> GetAsync(Bed apns, string path) => http.GetFromJsonAsync<JsonElement>(new Uri(apns.Simulator.ControlEndpoint, path));

    private async Task PostAsync(Bed apns, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(apns.Simulator.ControlEndpoint, path), content);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }
}
