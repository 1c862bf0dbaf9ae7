using System.Globalization;
using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;
using PushFanout.Contracts;

namespace PushFanout.Chaos.Oracle;

/// <summary>
/// Compares what should have happened, which is known by construction, with what the simulator, the service and the token cache
/// saw. No worker is asked.
/// </summary>
internal sealed class ChaosOracle(Evidence evidence, Allowance allowance)
{
    private readonly List<string> _broken = [];
    private readonly PushLedger _pushes = new(evidence.Devices, evidence.Sends);
    private readonly Dictionary<Guid, Completion> _ends = [];
    private long _lost;
    private long _duplicates;

    public static Judgement Judge(Evidence evidence, Allowance allowance) => new ChaosOracle(evidence, allowance).Judge();

    private Judgement Judge()
    {
        CountPushes();
        ReadEnds();
        for (var send = 0; send < evidence.Sends.Count; send++)
        {
            JudgeSend(send);
        }
        JudgeDevices();
        var judgement = new Judgement
        {
            Lost = _lost,
            Duplicates = _duplicates,
            Ambiguous = _ends.Values.Sum(end => end.Ambiguous),
            Undeliverable = _ends.Values.Sum(end => end.Outcome("undeliverable")),
            Expired = _ends.Values.Sum(end => end.Outcome("expired")),
            Balanced = _ends.Count == evidence.Sends.Count && _ends.Values.All(end => end.Audience == end.Outcomes),
            Exact = _ends.Count == evidence.Sends.Count && _ends.Values.All(end => end.IsExact),
        };
        JudgeSums(judgement);
        return judgement with { Broken = _broken };
    }

    private void CountPushes()
    {
        foreach (var push in evidence.Accepted)
        {
            _pushes.Accept(push.TokenHash, push.ApnsId);
        }
        foreach (var push in evidence.Refused.Where(push => push.Reason is "Unregistered" or "BadDeviceToken"))
        {
            _pushes.RefuseForGood(push.ApnsId);
        }
        Expect(_pushes.Strangers == 0, $"{_pushes.Strangers} accepted pushes belong to no token of any send, or carry another apns-id than its first push");
        Expect(evidence.Simulator.NotRemembered == 0, "the simulator could not remember every push");
        Expect(evidence.Simulator.Accepted == evidence.Accepted.Count, $"the simulator accepted {evidence.Simulator.Accepted} pushes and lists {evidence.Accepted.Count}");
    }

    /// <summary>A crash may repeat an end; then it is the same message with the same totals.</summary>
    private void ReadEnds()
    {
        foreach (var heard in evidence.Heard)
        {
            if (heard.Exchange != Exchanges.NotificationCompleted)
            {
                Expect(false, $"{heard.Exchange} said {heard.Body}");
            }
            else if (!_ends.TryAdd(heard.Notification, heard))
            {
                var first = _ends[heard.Notification];
                Expect(heard.MessageId is not null && heard.MessageId == first.MessageId && heard.Body.GetRawText() == first.Body.GetRawText(), $"the end of {heard.Notification} was told twice, and not the same");
            }
        }
    }

    private void JudgeSend(int number)
    {
        var send = evidence.Sends[number];
        long missing = 0, accepted = 0, alive = 0, unregistered = 0, rejected = 0;
        for (var i = 0; i < send.Devices.Count; i++)
        {
            var kind = evidence.Devices.Kind(send.Devices[i]);
            var times = _pushes.Accepted(number, i);
            accepted += times;
            _duplicates += Math.Max(0, times - 1);
            alive += kind == DeviceKind.Alive ? 1 : 0;
            rejected += kind == DeviceKind.Suspect ? 1 : 0;
            unregistered += kind is DeviceKind.Gone or DeviceKind.RegisteredAgain ? 1 : 0;
            missing += (kind == DeviceKind.Alive ? times > 0 : _pushes.WasRefusedForGood(number, i)) ? 0 : 1;
        }
        Expect(evidence.AcceptedByCollapseId.GetValueOrDefault(send.CollapseId) == accepted, $"{send.Audience}: not every push carried the collapse id of its notification");
        if (!_ends.TryGetValue(send.Id, out var end))
        {
            _lost += missing;
            Expect(false, $"{send.Audience}: its end was never told, {missing} of {send.Devices.Count} devices were not reached");
            return;
        }
        _lost += Math.Max(0, missing - end.Outcome("expired") - end.Outcome("undeliverable") - end.Outcome("cancelled"));
        Expect(end.Audience == send.Devices.Count, $"{send.Audience}: the books say {end.Audience} devices, there are {send.Devices.Count}");
        Expect(
            (end.Outcome("accepted"), end.Outcome("unregistered"), end.Outcome("rejected")) == (alive, unregistered, rejected),
            $"{send.Audience}: the books say {end.Outcome("accepted")} accepted, {end.Outcome("unregistered")} unregistered, {end.Outcome("rejected")} rejected; "
            + $"it should be {alive}, {unregistered}, {rejected}");
    }

    private void JudgeDevices()
    {
        long deleted = 0, kept = 0;
        for (var device = 0; device < evidence.Devices.Count; device++)
        {
            var registered = evidence.Registered.Contains(Convert.ToHexStringLower(evidence.Devices.Token(device)));
            deleted += !registered && evidence.Devices.Kind(device) != DeviceKind.Gone ? 1 : 0;
            kept += registered && evidence.Devices.Kind(device) == DeviceKind.Gone ? 1 : 0;
        }
        Expect(deleted == 0, $"{deleted} devices were removed that had no 410, or had registered again since");
        Expect(kept == 0 || allowance.BooksLost, $"{kept} devices with a 410 were not removed");
        Expect(evidence.Parked == 0, $"{evidence.Parked} messages were parked");
    }

    private void JudgeSums(Judgement judgement)
    {
        Expect(judgement.Lost == 0, $"{judgement.Lost} devices were lost");
        Expect(judgement.Undeliverable == 0 && judgement.Expired == 0, $"{judgement.Undeliverable} undeliverable, {judgement.Expired} expired, though the faults ended in time");
        Expect(judgement.Duplicates <= allowance.Duplicates, $"{judgement.Duplicates} duplicates, at most {allowance.Duplicates} may be");
        Expect(judgement.Ambiguous <= allowance.Ambiguous, $"{judgement.Ambiguous} ambiguous, at most {allowance.Ambiguous} may be");
        Expect(judgement.Balanced, "a sum of outcomes is not the audience, or an end is missing");
        Expect(judgement.Exact || allowance.BooksLost, "totals are not exact");
        var answersPerDevice = (double)evidence.Simulator.Answered / Math.Max(1, evidence.Sends.Sum(send => send.Devices.Count));
        Expect(answersPerDevice <= allowance.AnswersPerDevice, $"{answersPerDevice:0.0} requests for each push, a storm of retries");
    }

    private void Expect(bool holds, FormattableString otherwise)
    {
        if (!holds)
        {
            _broken.Add(otherwise.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Expect(bool holds, string otherwise) => Expect(holds, (FormattableString)$"{otherwise}");
}
