using PushFanout.Apns;
using PushFanout.ApnsSimulator;
using PushFanout.Chaos.Devices;

namespace PushFanout.Chaos.Oracle;

/// <summary>
/// Every push that should happen, by the apns-id it must carry, and what the simulator saw of it. An id stands for one notification and one token, so a
/// push again under another id, or for another token, is found as a stranger.
/// </summary>
internal sealed class PushLedger
{
    private readonly Dictionary<Guid, int> _indexes;
    private readonly ulong[] _tokenHashes;
    private readonly int[] _accepted;
    private readonly bool[] _refused;
    private readonly int[] _firstOfSend;

    public PushLedger(DeviceBase devices, IReadOnlyList<ChaosSend> sends)
    {
        var count = sends.Sum(send => send.Devices.Count);
        _indexes = new Dictionary<Guid, int>(count);
        (_tokenHashes, _accepted, _refused, _firstOfSend) = (new ulong[count], new int[count], new bool[count], new int[sends.Count]);
        var next = 0;
        for (var send = 0; send < sends.Count; send++)
        {
            _firstOfSend[send] = next;
            foreach (var device in sends[send].Devices)
            {
                var token = devices.Token(device);
                _tokenHashes[next] = DeviceTokenHash.Of(token);
                _indexes.Add(ApnsId.For(sends[send].Id, token), next++);
            }
        }
    }

    /// <summary>Pushes accepted that nobody asked for.</summary>
    public long Strangers { get; private set; }

    public void Accept(ulong tokenHash, Guid apnsId)
    {
        if (_indexes.TryGetValue(apnsId, out var index) && _tokenHashes[index] == tokenHash)
        {
            _accepted[index]++;
        }
        else
        {
            Strangers++;
        }
    }

    /// <summary>The simulator gave the answer that the device's kind demands; a push that was to be accepted and had to wait is not meant.</summary>
    public void RefuseForGood(Guid apnsId)
    {
        if (_indexes.TryGetValue(apnsId, out var index))
        {
            _refused[index] = true;
        }
    }

    /// <summary>How often the simulator accepted the push to the n-th device of a send.</summary>
    public int Accepted(int send, int device) => _accepted[_firstOfSend[send] + device];

    public bool WasRefusedForGood(int send, int device) => _refused[_firstOfSend[send] + device];
}
