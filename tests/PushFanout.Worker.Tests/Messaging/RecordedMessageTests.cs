using System.Buffers.Binary;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Tests.Messaging;

/// <summary>
/// Messages as a build wrote them, byte by byte: what was in the queues when workers were replaced. When what is written changes, the old recording stays and is
/// read, and a new one is added.
/// </summary>
public sealed class RecordedMessageTests
{
    private static readonly Guid Id = new("0192f0c4-5a7e-7c3a-9d55-0d8f6f1f6f01");
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_range_of_format_2_is_read()
    {
        var read = Read<ExpandRange>("UEYCAAEAigASAAAAeyJpZCI6IjAxOTJmMGM0LTVhN2UtN2MzYS05ZDU1LTBkOGY2ZjFmNmYwMSIsImxhbmUiOjMsInJhbmdlIjo3LCJmaXJzdFNoYXJkIjoxMDAsImVuZFNoYXJkIjoyMDAsInJlcXVlc3RlZEF0IjoiMjAyNi0xMS0yMlQxMDowMDowMCswMDowMCJ9eyJhcHAiOiJzaG9wLWlvcyJ9");
        Assert.Equal(Range with { Request = default }, read with { Request = default });
        Assert.Equal(Range.Request.ToArray(), read.Request.ToArray());
    }

    [Fact]
    public void A_batch_of_format_2_is_read()
    {
        var (expected, read) = (Batch, Read<PushBatch>("UEYCAAIAfAIXAAAAeyJpZCI6IjAxOTJmMGM0LTVhN2UtN2MzYS05ZDU1LTBkOGY2ZjFmNmYwMSIsInJhbmdlIjozLCJnZW5lcmF0aW9uIjoxLCJpbmRleCI6OSwibGFuZSI6MCwib2Zmc2V0Ijo0NTAwLCJkaWdlc3Q2NCI6MTg0NDY3NDQwNzM3MDk1NTE2MTUsImF0dGVtcHQiOjIsInRlbXBsYXRlIjp7ImFwcCI6InNob3AtaW9zIiwic291cmNlIjoiY2hlY2tvdXQiLCJ0b3BpYyI6ImNvbS5leGFtcGxlLnNob3AiLCJwdXNoVHlwZSI6ImFsZXJ0IiwicHJpb3JpdHkiOjEwLCJjb2xsYXBzZUlkIjoiY29sbGFwc2UiLCJleHBpcmF0aW9uVW5peFNlY29uZHMiOjE4MDAwMDAwMDAsInJlcXVlc3RlZEF0IjoiMjAyNi0xMS0yMlQxMDowMDowMCswMDowMCIsIm5vdEJlZm9yZSI6IjIwMjYtMTEtMjJUMTA6MDA6MDErMDA6MDAiLCJkZWFkbGluZSI6IjIwMjYtMTEtMjJUMTY6MDA6MDArMDA6MDAiLCJkcnlSdW4iOmZhbHNlLCJwdXNoZXNQZXJTZWNvbmQiOjIuNX0sIm9yaWdpbiI6eyJkaWdlc3QiOiJhYiIsInJlZmVyZW5jZSI6Im9yZGVyIDE3IiwicmVwb3J0Ijoibm9uZSJ9LCJsb3N0QmVmb3JlIjp0cnVlLCJoZWxkIjp7ImZpcnN0IjoiMjAyNi0xMS0yMlQxMDowMDowMCswMDowMCIsImxhc3QiOiIyMDI2LTExLTIyVDEwOjAwOjAyKzAwOjAwIn19eyJhcHMiOnsiYWxlcnQiOiJow6kifX0CqrsDAQID"));
        Assert.Equal(expected with { Payload = default, Tokens = PackedTokens.Empty }, read with { Payload = default, Tokens = PackedTokens.Empty });
        Assert.Equal(expected.Payload.ToArray(), read.Payload.ToArray());
        Assert.Equal(expected.Tokens.Bytes.ToArray(), read.Tokens.Bytes.ToArray());
    }

    [Fact]
    public void A_tick_of_format_2_is_read()
    {
        var read = Read<NotificationTick>("UEYCAAMACQESAAAAeyJub3RpZmljYXRpb25JZCI6IjAxOTJmMGM0LTVhN2UtN2MzYS05ZDU1LTBkOGY2ZjFmNmYwMSIsImxhbmUiOjIsIm5vdEJlZm9yZSI6IjIwMjYtMTEtMjJUMTA6MDE6MDArMDA6MDAiLCJkZWFkbGluZSI6IjIwMjYtMTEtMjJUMTY6MDA6MDArMDA6MDAiLCJzZXR0bGVkVG9rZW5zIjoxMiwic3RhbmRzdGlsbFRpY2tzIjozLCJyZXF1ZXN0ZWRBdCI6IjIwMjYtMTEtMjJUMTA6MDA6MDArMDA6MDAiLCJzdGF0ZSI6MSwibG9zc2VzIjoyLCJsb3N0QmVmb3JlIjp0cnVlfXsiYXBwIjoic2hvcC1pb3MifQUAAAAsAQAAAAQAAA==");
        Assert.Equal(Tick with { Plan = null }, read with { Plan = null });
        Assert.Equal(Tick.Plan!.RequestedAt, read.Plan!.RequestedAt);
        Assert.Equal(Tick.Plan.RangeEnds, read.Plan.RangeEnds);
        Assert.Equal(Tick.Plan.Request.ToArray(), read.Plan.Request.ToArray());
    }

    [Fact]
    public void A_tick_of_format_2_that_is_numbered_is_read()
    {
        var read = Read<NotificationTick>("UEYCAAMAFAESAAAAeyJub3RpZmljYXRpb25JZCI6IjAxOTJmMGM0LTVhN2UtN2MzYS05ZDU1LTBkOGY2ZjFmNmYwMSIsImxhbmUiOjIsIm5vdEJlZm9yZSI6IjIwMjYtMTEtMjJUMTA6MDE6MDArMDA6MDAiLCJkZWFkbGluZSI6IjIwMjYtMTEtMjJUMTY6MDA6MDArMDA6MDAiLCJzZXR0bGVkVG9rZW5zIjoxMiwic3RhbmRzdGlsbFRpY2tzIjozLCJyZXF1ZXN0ZWRBdCI6IjIwMjYtMTEtMjJUMTA6MDA6MDArMDA6MDAiLCJzdGF0ZSI6MSwibG9zc2VzIjoyLCJsb3N0QmVmb3JlIjp0cnVlLCJudW1iZXIiOjd9eyJhcHAiOiJzaG9wLWlvcyJ9BQAAACwBAAAABAAA");
        Assert.Equal(Tick with { Plan = null, Number = 7 }, read with { Plan = null });
        Assert.Equal(Tick.Plan!.Request.ToArray(), read.Plan!.Request.ToArray());
    }

    [Fact]
    public void What_is_written_now_can_be_read_by_the_build_that_wrote_the_recordings()
    {
        Assert.Equal(2, WorkMessageFormat.Written);
        Assert.InRange(WorkMessageFormat.Number, WorkMessageFormat.Written, WorkMessageFormat.Written + 1);
    }

    [Fact]
    public void A_field_that_this_build_does_not_know_is_passed_over()
    {
        var whole = WorkMessageFormat.Write(Range).ToArray();
        var field = """{"later":{"a":[1]},"""u8;
        byte[] more = [.. whole[..12], .. field, .. whole[13..]];
        BinaryPrimitives.WriteUInt16LittleEndian(more.AsSpan(6), (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(whole.AsSpan(6)) + field.Length - 1));
        Assert.Equal(WorkMessageFormat.ReadProblem.None, WorkMessageFormat.TryRead(more, out var read));
        Assert.Equal(Range with { Request = default }, Assert.IsType<ExpandRange>(read) with { Request = default });
    }

    private static T Read<T>(string recorded) where T : class
    {
        Assert.Equal(WorkMessageFormat.ReadProblem.None, WorkMessageFormat.TryRead(Convert.FromBase64String(recorded), out var read));
        return Assert.IsType<T>(read);
    }

    private static ExpandRange Range { get; } = new(Id, Lane.Bulk, 7, 100, 200, Start, """{"app":"shop-ios"}"""u8.ToArray());

    private static NotificationTick Tick { get; } = new(
        Id, Lane.Normal, Start.AddMinutes(1), Start.AddHours(6), 12, 3, new NotificationPlan(Start, [5, 300, 1024], """{"app":"shop-ios"}"""u8.ToArray()), NotificationState.Paused, 2, true);

    private static PushBatch Batch
    {
        get
        {
            var tokens = new PackedTokenWriter();
            tokens.Add([0xaa, 0xbb]);
            tokens.Add([1, 2, 3]);
            return new PushBatch(
                new BatchKey(Id, 3, 1, 9, ulong.MaxValue), Lane.Short, 4500, 2,
                new PushTemplate("shop-ios", "checkout", "com.example.shop", "alert", 10, "collapse", 1_800_000_000, Start, Start.AddSeconds(1), Start.AddHours(6), false, 2.5),
                """{"aps":{"alert":"hé"}}"""u8.ToArray(), tokens.Written, new RequestOrigin("ab", "order 17", Contracts.Report.None), LostBefore: true, Held: new HeldTime(Start, Start.AddSeconds(2)));
        }
    }
}
