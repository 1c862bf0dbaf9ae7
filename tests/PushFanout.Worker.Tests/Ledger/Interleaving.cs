using System.Text.Json;
using PushFanout.Worker.Ledger;
using Xunit.Sdk;

namespace PushFanout.Worker.Tests.Ledger;

/// <summary>
/// One notification on which workers do whatever they like in any order: every call goes to Redis and, at the time that Redis
/// answered, to the reference. The answers must be equal, and after every step the books must balance.
/// </summary>
internal sealed class Interleaving(Random random, RedisUnderTest redis, InMemoryUnderTest reference)
{
    private static readonly TimeSpan[] Leases = [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4), Sends.LongLease];
    private static readonly Outcome[] Outcomes = Enum.GetValues<Outcome>();

    private readonly List<string> _history = [];
    private readonly List<(int Range, int Generation, RangeContent Content)> _snaps = [];
    private readonly NewNotification _first = FirstRequest(random);
    private int _losses;
    private bool _shortWay;

    public async Task RunAsync(int steps)
    {
        reference.Clock.Now = await redis.ReadTimeAsync();
        while (random.Next(3) == 0)
        {
            await ControlAsync(); // before the notification itself
        }
        await CreateAsync(_first);
        for (var step = 0; step < steps; step++)
        {
            await StepAsync();
            await CheckBooksAsync();
        }
        await CheckReceiptsAsync();
    }

    private static NewNotification FirstRequest(Random random) => random.Next(4) == 0
        ? Sends.Short(random.Next(6))
        : Sends.Planned(ranges: random.Next(1, 8), window: random.Next(1, 4));

    private Task StepAsync() => random.Next(100) switch
    {
        < 4 => CreateAsync(_first with { RangeEnds = [7], ShortWay = random.Next(2) == 0 ? null : Sends.Content(50, 3) }),
        < 5 => CreateAsync(_first with { Digest = Sends.Digest(2) }),
        < 20 => SnapAsync(),
        < 24 => ExpandedAsync(),
        < 51 => ClaimAsync(),
        < 67 => SettleAsync(),
        < 71 => AdvanceAsync(),
        < 74 => HandBackAsync(),
        < 77 => BothAsync("ask", ledger => ledger.AskAsync(_first.Id), p => p.Now),
        < 78 => TickedAsync(),
        < 79 => BothAsync("read", ledger => ledger.ReadAsync(_first.Id, default), stored => stored?.Now),
        < 83 => ControlAsync(),
        < 86 => BothAsync("finish", ledger => ledger.FinishAsync(_first.Id, default), totals => totals?.CompletedAt),
        < 88 => CloseAsync(),
        < 92 when !_shortWay => LoseSnapshotAsync(), // on the short way one script wrote tokens and record
        < 94 => LoseAndMakeAnewAsync(),
        _ => redis.PassAsync(TimeSpan.FromMilliseconds(random.Next(6))),
    };

    private async Task CreateAsync(NewNotification notification)
    {
        var created = await BothAsync($"create {notification.RangeEnds.Count} ranges", ledger => ledger.CreateAsync(notification, default), c => c.Now);
        _shortWay = created.Stored?.ShortWay ?? _shortWay;
        if (created.ShortWay is { } content)
        {
            _snaps.Add((0, 1, content));
        }
    }

    private async Task SnapAsync()
    {
        var range = random.Next(_first.RangeEnds.Count);
        // Each expander reads the set in an order of its own, and the audience grows.
        var tokens = Enumerable.Range(range * 100, random.Next(random.Next(4) == 0 ? 3 : 16)).ToArray();
        random.Shuffle(tokens);
        var content = Sends.Content(tokens);
        var snap = await BothAsync(
            $"snap {range}: {tokens.Length} tokens", ledger => ledger.SnapAsync(_first.Id, range, content, default), s => s.Now);
        if (snap.Verdict is SnapVerdict.Stored or SnapVerdict.UseStored)
        {
            _snaps.Add((range, snap.Generation, snap.Content));
        }
    }

    private async Task ExpandedAsync()
    {
        var range = random.Next(_first.RangeEnds.Count);
        var snaps = _snaps.Where(s => s.Range == range).DefaultIfEmpty((range, 1, Sends.Content(0, 0))).ToList();
        var (_, generation, content) = snaps[random.Next(2) == 0 ? random.Next(snaps.Count) : snaps.Count - 1];
        await BothAsync($"expanded {range}/{generation}", ledger => ledger.ExpandedAsync(_first.Id, range, generation, content.Digest64, default), p => p.Now);
    }

    private Task ClaimAsync()
    {
        if (RandomClaim() is not { } claim)
        {
            return Task.CompletedTask;
        }
        return BothAsync($"claim {claim}", ledger => ledger.ClaimAsync(claim, default), c => c.Progress.Now);
    }

    private async Task SettleAsync()
    {
        var segments = Enumerable.Range(0, random.Next(1, 5)).Select(_ => RandomSegment()).OfType<SettleSegment>().ToArray();
        await BothAsync(
            $"settle {string.Join(" and ", segments.Select(s => $"{s.Batch} at {s.Offset}: {Convert.ToHexString(s.Outcomes.Span)} by {s.Owner}"))}",
            ledger => ledger.SettleAsync(_first.Id, segments, default), s => s.Progress.Now);
    }

    private Task AdvanceAsync()
    {
        if (RandomClaim() is not { } claim)
        {
            return Task.CompletedTask;
        }
        return BothAsync($"advance {claim.Batch} to {claim.Attempt + 1}", ledger => Answerless(ledger.AdvanceAsync(claim.Batch, claim.Attempt + 1, default)));
    }

    private Task HandBackAsync()
    {
        if (RandomClaim() is not { } claim)
        {
            return Task.CompletedTask;
        }
        return BothAsync($"hand back {claim.Batch} by {claim.Owner}", ledger => Answerless(ledger.HandBackAsync(claim.Batch, claim.Owner, default)));
    }

    private async Task ControlAsync()
    {
        var action = random.Next(12) switch { < 5 => ControlAction.Pause, < 10 => ControlAction.Resume, 10 => ControlAction.Cancel, _ => ControlAction.Expire };
        var at = Sends.RequestedAt.AddMinutes(random.Next(4));
        await BothAsync($"{action} at {at:mm}", ledger => ledger.ControlAsync(_first.Id, action, at, default));
    }

    private Task TickedAsync()
    {
        var number = random.Next(5);
        return BothAsync($"ticked {number}", ledger => Answerless(ledger.TickedAsync(_first.Id, number, default)));
    }

    private async Task CloseAsync()
    {
        var dedupe = random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromHours(1);
        await BothAsync($"close, taken for {dedupe}", ledger => Answerless(ledger.CloseAsync(_first.Id, dedupe, TimeSpan.FromHours(2), default)));
        if (random.Next(2) == 0)
        {
            await CreateAsync(_first);
        }
    }

    private async Task LoseSnapshotAsync()
    {
        var range = random.Next(_first.RangeEnds.Count);
        _history.Add($"lose snapshot {range}");
        await redis.LoseSnapshotAsync(_first.Id, range);
        await reference.LoseSnapshotAsync(_first.Id, range);
    }

    private async Task LoseAndMakeAnewAsync()
    {
        _history.Add("lose everything");
        await redis.LoseAsync(_first.Id);
        await reference.LoseAsync(_first.Id);
        await BothAsync("ask", ledger => ledger.SettleAsync(_first.Id, [], default), s => s.Progress.Now);
        if (random.Next(3) == 0)
        {
            await ControlAsync(); // what the tick remembers
        }
        // Or its last second only, and whoever made it writes it again: then generations come twice.
        await CreateAsync(_first with { Losses = random.Next(3) == 0 ? _losses : ++_losses });
    }

    private ClaimRequest? RandomClaim()
    {
        if (_snaps.Count == 0)
        {
            return null;
        }
        // Mostly the newest content of a range, sometimes an expander's that slept.
        var (range, generation, content) = _snaps[random.Next(3) == 0 ? random.Next(_snaps.Count) : _snaps.Count - 1 - random.Next(Math.Min(4, _snaps.Count))];
        var size = random.Next(8) == 0 ? 4 : 6;
        var index = random.Next(Math.Min(3, (content.Tokens.Count / size) + 1));
        var count = Math.Min(size, content.Tokens.Count - (index * size));
        return count < 0 ? null : new ClaimRequest(
            new BatchKey(_first.Id, range, generation + (random.Next(20) == 0 ? 1 : 0), index, content.Digest64 ^ (random.Next(20) == 0 ? 1UL : 0)), index * size, count,
            random.Next(4) == 0 ? random.Next(3) : 0,
            Owner: (ulong)random.Next(1, 4) * 0x1234_5678_9abc_def1UL, Leases[random.Next(Leases.Length)], Unhold: random.Next(4) == 0);
    }

    private SettleSegment? RandomSegment()
    {
        if (RandomClaim() is not { } claim)
        {
            return null;
        }
        var at = random.Next(claim.Count + 1);
        var outcomes = new byte[claim.Count - at + (random.Next(30) == 0 ? 9 : 0)];
        var usual = random.Next(4) switch { 0 => Outcome.Pending, 1 => Outcomes[random.Next(Outcomes.Length)], _ => Outcome.Accepted };
        for (var i = 0; i < outcomes.Length; i++)
        {
            var outcome = random.Next(4) == 0 ? Outcomes[random.Next(Outcomes.Length)] : usual;
            outcomes[i] = new OutcomeByte(outcome, (OutcomeReason)random.Next(outcome == Outcome.Pending ? 1 : 4)).Value;
        }
        return new(claim.Batch, claim.Offset + at, outcomes, random.Next(5) == 0 ? 0 : claim.Owner, claim.Lease, random.Next(3));
    }

    private static async Task<bool> Answerless(Task call)
    {
        await call;
        return true;
    }

    private async Task<T> BothAsync<T>(string what, Func<INotificationLedger, Task<T>> call, Func<T, DateTimeOffset?>? now = null)
    {
        var fromRedis = await call(redis.Ledger);
        reference.Clock.Now = now?.Invoke(fromRedis) ?? reference.Clock.Now;
        var expected = await call(reference.Ledger);
        _history.Add($"{what} -> {JsonSerializer.Serialize(expected)}");
        AssertSame(expected, fromRedis);
        return fromRedis;
    }

    private async Task CheckBooksAsync()
    {
        var expected = await reference.Ledger.ReadStatusAsync(_first.Id, default);
        var status = await redis.Ledger.ReadStatusAsync(_first.Id, default);
        AssertSame(expected, status);
        var ranges = await Task.WhenAll(Enumerable.Range(0, _first.RangeEnds.Count)
            .Select(range => redis.ReadAsync(db => db.StringGetAsync(redis.Key(_first.Id, $"r:{range}")))));
        var bytes = ranges.SelectMany(range => (byte[]?)range ?? []).ToArray();
        var counted = bytes.Where(value => value != 0).GroupBy(value => value).OrderBy(g => g.Key).ToDictionary(g => g.Key, g => (long)g.Count());
        AssertSame(bytes.Length, status!.Totals.Audience);
        AssertSame(counted, status.Totals.ByValue.OrderBy(v => v.Key).ToDictionary());
        AssertSame([.. Enumerable.Range(0, 8).Select(o => bytes.LongCount(value => value >> 5 == o))], status.Totals.ByOutcome);
        AssertSame(status.Totals.Audience, status.Totals.ByOutcome.Sum());
    }

    private async Task CheckReceiptsAsync()
    {
        await redis.PassAsync(TimeSpan.FromMilliseconds(5)); // the short leases have ended, whoever is asked
        reference.Clock.Now = await redis.ReadTimeAsync();
        foreach (var range in Enumerable.Range(0, _first.RangeEnds.Count))
        {
            foreach (var token in Enumerable.Range(range * 100, 16))
            {
                AssertSame(
                    await reference.Ledger.FindReceiptsAsync(_first.Id, range, Sends.Receipt(token), default),
                    await redis.Ledger.FindReceiptsAsync(_first.Id, range, Sends.Receipt(token), default));
            }
        }
    }

    private void AssertSame<T>(T expected, T actual)
    {
        var (wanted, got) = (JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
        if (wanted != got)
        {
            throw new XunitException($"The reference says\n{wanted}\nRedis says\n{got}\nafter\n{string.Join('\n', _history)}");
        }
    }
}
