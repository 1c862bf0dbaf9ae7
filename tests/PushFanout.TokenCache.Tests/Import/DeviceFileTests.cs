using System.Text;

namespace PushFanout.TokenCache.Tests.Import;

public sealed class DeviceFileTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Each_line_may_be_a_token_or_fields_or_json()
    {
        var (devices, file) = await ReadAsync("""
            token,userId,deviceId,audiences
            00ff
            00FE,ann,phone,news;sports

            00fd,,tablet
            {"app":"shop-ios","token":"00fc","userId":"bob","audiences":[],"at":"2026-02-01T00:00:00Z"}
            """);
        Assert.Equal(0, file.BadLineCount);
        Assert.Equal(["00FF", "00FE", "00FD", "00FC"], devices.Select(device => Convert.ToHexString(device.Token.Span)));
        Assert.Equal(["", "ann", "", "bob"], devices.Select(device => device.UserId ?? ""));
        Assert.Equal(["", "phone", "tablet", ""], devices.Select(device => device.DeviceId ?? ""));
        Assert.Equal(["leave", "news,sports", "leave", ""], devices.Select(device => device.Audiences is { } names ? string.Join(',', names) : "leave"));
        Assert.Equal([Now, Now, Now, new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero)], devices.Select(device => device.At));
    }

    [Fact]
    public async Task Bad_lines_are_left_out_with_number_and_reason_and_never_their_text()
    {
        var (devices, file) = await ReadAsync($$"""
            00ff
            canary
            abc
            {{new string('a', 202)}}
            ,ann
            00ff,ann,phone,news,canary
            {"token":"00ff","canary":1}
            {"token":
            00ff,{{new string('u', 256)}}
            {{new string('c', 2 * DeviceFile.MaxLineLength)}}
            00fe
            """);
        Assert.Equal(2, devices.Count);
        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 9, 10], file.FirstBadLines.Select(line => line.Number));
        Assert.Equal(9, file.BadLineCount);
        Assert.All(file.FirstBadLines, line => Assert.DoesNotContain("canary", line.Reason));
    }

    [Fact]
    public async Task A_file_without_a_last_line_end_and_one_that_is_longer_than_the_buffer_are_read_whole()
    {
        var tokens = Enumerable.Range(0, 5_000).Select(n => Convert.ToHexString(TestDevices.Token(n))).ToArray();
        var (devices, file) = await ReadAsync(string.Join("\r\n", tokens));
        Assert.Equal(tokens, devices.Select(device => Convert.ToHexString(device.Token.Span)));
        Assert.Equal(0, file.BadLineCount);
    }

    private static async Task<(List<DeviceRegistration> Devices, DeviceFile File)> ReadAsync(string text)
    {
        var file = new DeviceFile(new MemoryStream(Encoding.UTF8.GetBytes(text)), Now);
        var devices = new List<DeviceRegistration>();
        await foreach (var device in file.ReadAsync())
        {
            devices.Add(device);
        }
        return (devices, file);
    }
}
