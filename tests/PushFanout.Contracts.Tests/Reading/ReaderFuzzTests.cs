using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PushFanout.Testing;

namespace PushFanout.Contracts.Tests.Reading;

/// <summary>Whatever is done to a good message: its reader gives a message, or says what is wrong and where, and never throws.</summary>
public sealed class ReaderFuzzTests
{
    private const int Tests = 3_000;

    /// <summary>What JSON is made of, what it is not made of, and what fields could be mistaken for.</summary>
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "null", "true", "0", "-1", "1e999", "99999999999999999999", "\"\"", "{}", "[]", "[null]", "\"*\"", "\r\n", "\0",
            "\"app\":", "\"aps\":", "\"tokens\":", "\"audience\":{\"anyOf\":[\"all\"]},", "\"payload\":{\"aps\":{}},", "\"priority\":\"5\",", "\"at\":\"0001-01-01T00:00:00+14:00\",",
            "\"at\":\"9999-12-31T23:59:59-14:00\",", "2026-11-22T12:00:00Z", "00000000-0000-0000-0000-000000000000", "é", "𝄞", "\"action\":\"pause\",", "<", "%2e",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [.. Enumerable.Repeat((byte)'[', 70)], [.. Enumerable.Repeat((byte)'9', 400)],
    ];

    [Fact]
    public void A_request() => CheckReader(Examples.Request, json => NotificationRequestedReader.Read(json, Context));

    [Fact]
    public void A_small_request() => CheckReader(Examples.MinimalRequest, json => NotificationRequestedReader.Read(json, Context));

    [Fact]
    public void A_control_message() => CheckReader(Examples.Control, json => NotificationControlReader.Read(json));

    [Fact]
    public void A_registration() => CheckReader(Examples.Registered, json => DeviceRegisteredReader.Read(json, Context));

    [Fact]
    public void An_unregistration() => CheckReader(Examples.Unregistered, json => DeviceUnregisteredReader.Read(json, Context));

    [Fact]
    public void A_change_of_an_audience() => CheckReader(Examples.AudienceChange, json => AudienceChangedReader.Read(json, Context));

    [Fact]
    public void An_envelope()
    {
        byte[] good = [.. """{"messageType":["urn:message:x"],"message":"""u8, .. ContractJson.Serialize(Examples.MinimalRequest), .. "}"u8];
        Properties.Check(Mutations, Properties.OneLess, mutations =>
        {
            if (MessageEnvelope.TryUnwrap(Mutation.Apply(good, mutations), out var message))
            {
                CheckReading(NotificationRequestedReader.Read(message, Context));
            }
        }, Tests);
    }

    private static WorkerContext Context => new() { Now = Examples.Noon, FindApp = _ => new AppFacts { Topic = "com.example.shop" } };

    private static Gen<Mutation[]> Mutations => Gen.ListOf(
        from kind in Gen.Choose(0, 4)
        from at in Gen.Choose(0, 10_000)
        from length in Gen.Choose(1, 40)
        from piece in Gen.Choose(0, Pieces.Length - 1)
        select new Mutation(kind, at, length, piece)).Select(list => list.Take(6).ToArray());

    private static void CheckReader<TMessage, TRead>(TMessage good, Func<ReadOnlyMemory<byte>, ContractReading<TRead>> read)
        where TMessage : class
        where TRead : class
    {
        var json = ContractJson.Serialize(good);
        Assert.NotNull(read(json).Message);
        Properties.Check(Mutations, Properties.OneLess, mutations => CheckReading(read(Mutation.Apply(json, mutations))), Tests);
    }

    private static void CheckReading<T>(ContractReading<T> reading) where T : class
    {
        Assert.Equal(1, (reading.Message is null ? 0 : 1) + (reading.Faults.Count > 0 ? 1 : 0) + (reading.Unreadable is null ? 0 : 1));
        Assert.All(reading.Faults, fault =>
        {
            Assert.NotEmpty(fault.Field);
            Assert.NotEmpty(fault.Code);
            Assert.NotEmpty(fault.Text);
        });
        Assert.True(reading.Unreadable is not { Offset: < 0 });
    }

    /// <param name="Kind">Flip a bit, take bytes out, put a piece in, repeat bytes, or put a piece in the place of bytes.</param>
    private sealed record Mutation(int Kind, int At, int Length, int Piece)
    {
        public static byte[] Apply(byte[] json, IEnumerable<Mutation> mutations) => mutations.Aggregate(json, (bytes, mutation) => mutation.Apply(bytes));

        private byte[] Apply(byte[] json)
        {
            if (json.Length == 0)
            {
                return Pieces[Piece];
            }
            var at = At % json.Length;
            var end = Math.Min(json.Length, at + Length);
            return Kind switch
            {
                0 => [.. json[..at], (byte)(json[at] ^ (1 << (Length % 8))), .. json[(at + 1)..]],
                1 => [.. json[..at], .. json[end..]],
                2 => [.. json[..at], .. Pieces[Piece], .. json[at..]],
                3 => [.. json[..end], .. json[at..]],
                _ => [.. json[..at], .. Pieces[Piece], .. json[end..]],
            };
        }
    }
}
