using System.Buffers.Binary;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Tests.Messaging;

public sealed class WorkMessageFormatTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_batch_comes_back_as_it_was_written()
    {
        var batch = Batch();
        Assert.Equal(WorkMessageFormat.ReadProblem.None, WorkMessageFormat.TryRead(WorkMessageFormat.Write(batch), out var read));
        var back = Assert.IsType<PushBatch>(read);
        Assert.Equal((batch.Key, batch.Lane, batch.Offset, batch.Attempt, batch.Template), (back.Key, back.Lane, back.Offset, back.Attempt, back.Template));
        Assert.Equal((batch.Origin, batch.LostBefore), (back.Origin, back.LostBefore));
        Assert.Equal(batch.Payload.ToArray(), back.Payload.ToArray());
        Assert.Equal(batch.Tokens.ToArray().Select(Convert), back.Tokens.ToArray().Select(Convert));
    }

    [Fact]
    public void A_range_and_a_tick_come_back_as_they_were_written()
    {
        var range = new ExpandRange(Guid.NewGuid(), Lane.Bulk, 7, 100, 200, Start, "{}"u8.ToArray());
        WorkMessageFormat.TryRead(WorkMessageFormat.Write(range), out var read);
        var back = Assert.IsType<ExpandRange>(read);
        Assert.Equal(range with { Request = default }, back with { Request = default });
        Assert.Equal("{}"u8.ToArray(), back.Request.ToArray());

        var tick = new NotificationTick(Guid.NewGuid(), Lane.Normal, null, Start, 12, 3);
        WorkMessageFormat.TryRead(WorkMessageFormat.Write(tick), out read);
        Assert.Equal(tick, read);

        var plan = new NotificationPlan(Start, [5, 300, 70_000], "{}"u8.ToArray());
        var planned = tick with { Plan = plan, State = NotificationState.Paused, Losses = 2, LostBefore = true, Number = 7 };
        WorkMessageFormat.TryRead(WorkMessageFormat.Write(planned), out read);
        var tickBack = Assert.IsType<NotificationTick>(read);
        Assert.Equal(planned with { Plan = null }, tickBack with { Plan = null });
        Assert.Equal(plan.RequestedAt, tickBack.Plan!.RequestedAt);
        Assert.Equal(plan.RangeEnds, tickBack.Plan.RangeEnds);
        Assert.Equal(plan.Request.ToArray(), tickBack.Plan.Request.ToArray());
    }

    [Fact]
    public void A_message_cut_anywhere_is_unreadable_and_never_an_exception()
    {
        var whole = WorkMessageFormat.Write(Batch());
        var lastTokenBytes = 33;
        for (var length = 0; length < whole.Length; length++)
        {
            var problem = WorkMessageFormat.TryRead(whole[..length], out var read);
            // Cut exactly between two tokens it is a shorter batch, which its digest gives away.
            Assert.True(problem == WorkMessageFormat.ReadProblem.Unreadable || (whole.Length - length) % lastTokenBytes == 0, $"cut at {length}: {problem}");
            Assert.Equal(problem == WorkMessageFormat.ReadProblem.None, read is not null);
        }
    }

    [Fact]
    public void A_newer_format_is_recognised_as_such()
    {
        var newer = WorkMessageFormat.Write(Batch()).ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(newer.AsSpan(2), WorkMessageFormat.Number + 1);
        Assert.Equal(WorkMessageFormat.ReadProblem.Newer, WorkMessageFormat.TryRead(newer, out var read));
        Assert.Null(read);
    }

    private static string Convert(ReadOnlyMemory<byte> token) => System.Convert.ToHexString(token.Span);

    private static PushBatch Batch()
    {
        var writer = new PackedTokenWriter();
        for (var i = 0; i < 3; i++)
        {
            writer.Add(System.Security.Cryptography.SHA256.HashData([(byte)i]));
        }
        var template = new PushTemplate("shop-ios", "checkout", "com.example.shop", "alert", 10, "collapse", null, Start, null, Start.AddHours(6), false, 100);
        return new PushBatch(
            new BatchKey(Guid.NewGuid(), 3, 1, 9, ulong.MaxValue), Lane.Normal, 4500, 2, template, """{"aps":{"alert":"héllo"}}"""u8.ToArray(), writer.Written,
            new RequestOrigin("ab", "order 17", Contracts.Report.None), LostBefore: true);
    }
}
