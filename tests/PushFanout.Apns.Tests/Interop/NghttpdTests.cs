using PushFanout.Apns.Tests.Kit;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Interop;

/// <summary>
/// nghttpd answers with files: 200 where there is one, else 404 with a page. What it can do beside that servers rarely do: pad every frame, answer before
/// it has read the request, send trailers, keep windows tiny.
/// </summary>
public sealed class NghttpdTests
{
    private const int ShortRun = 300;

    [Theory]
    [InlineData(30)]
    [InlineData(30, "--padding=255", "--trailer=apns-trailer: yes", "--encoder-header-table-size=4096")]
    [InlineData(30, "--max-concurrent-streams=1", "--error-gzip", "--no-content-length")]
    [InlineData(4096, "--window-bits=8", "--connection-window-bits=16", "--max-concurrent-streams=1000")]
    [InlineData(4096, "--early-response", "--window-bits=8")]
    public Task Through_nghttpd(int payloadBytes, params string[] arguments) => SendAsync(ShortRun, payloadBytes, arguments);

    [Fact]
    [Trait("Length", "Long")]
    public Task Through_nghttpd_by_the_hundred_thousand() => SendAsync(100_000, 200, ["--padding=100"]);

    private static async Task SendAsync(int pushes, int payloadBytes, string[] arguments)
    {
        await using var apns = await ForeignApns.StartAsync(Http2Server.StartNghttpdAsync(new() { KeepsLog = true, Arguments = arguments }));
        var tokens = NumberedTokens.Of(pushes, _ => 0);
        var devices = Directory.CreateDirectory(Path.Combine(apns.Server.DocumentFolder, "3", "device"));
        foreach (var (i, token) in tokens.Index().Where(token => HasFile(token.Index)))
        {
            await File.WriteAllTextAsync(Path.Combine(devices.FullName, Convert.ToHexStringLower(token.Span)), i % 4 == 0 ? "" : "a file");
        }

        var answers = await apns.Client.SendAsync(tokens, Pushes.New(seed: Guid.NewGuid(), payloadBytes: payloadBytes));

        var wrong = answers.Index().Where(told => (told.Item.Answer, told.Item.Status) != (HasFile(told.Index) ? (Answer.Accepted, 200) : (Answer.Rejected, 404)));
        Assert.Empty(wrong.Take(10));
        Assert.Equal(1, apns.Client.Statistics.ConnectionsOpened);
        Assert.Empty((await apns.CountAtServerAsync(pushes)).Index().Where(token => token.Item != 1).Take(10));
    }

    private static bool HasFile(int token) => token % 8 < 2;
}
