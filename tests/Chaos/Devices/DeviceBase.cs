using System.Buffers.Binary;
using System.Security.Cryptography;
using PushFanout.TokenCache;

namespace PushFanout.Chaos.Devices;

/// <summary>
/// The devices of a run, known by construction: token, kind and audiences of device n follow from the seed, so the oracle needs to
/// ask nobody who should have got what.
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="count">How many devices.</param>
/// <param name="groups">Into how many audiences of a planned send they are dealt.</param>
/// <param name="mix">Which kinds there are.</param>
internal sealed class DeviceBase(int seed, int count, int groups, DeviceMix mix)
{
    /// <summary>Audiences of a send of one batch, each with <see cref="SmallAudience"/> devices.</summary>
    public const int SmallAudiences = 10;
    public const int SmallAudience = 20;

    private const int GoneEvery = 100;
    private const int RegisteredAgainEvery = 400;
    private const int SuspectEvery = 250;

    public int Count => count;

    public int Groups => groups;

    public static string GroupName(int group) => $"group-{group}";

    public static string SmallName(int small) => $"small-{small}";

    /// <summary>The audience that may be sent to as often as is wanted: alive devices only, so that every send to it has the same outcome.</summary>
    public const string SpareName = "spare";

    public byte[] Token(int device)
    {
        Span<byte> name = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(name, seed);
        BinaryPrimitives.WriteInt32LittleEndian(name[4..], device);
        return SHA256.HashData(name);
    }

    /// <summary>The same mix in every group: one of mostly dead devices would rightly open the brake.</summary>
    public DeviceKind Kind(int device)
    {
        var inGroup = device / groups;
        return mix == DeviceMix.AliveOnly || device < FirstOther ? DeviceKind.Alive
            : inGroup % RegisteredAgainEvery == 1 ? DeviceKind.RegisteredAgain
            : inGroup % GoneEvery == 1 ? DeviceKind.Gone
            : mix == DeviceMix.WithSuspects && inGroup % SuspectEvery == 2 ? DeviceKind.Suspect
            : DeviceKind.Alive;
    }

    public IReadOnlyList<int> Group(int group) => [.. Enumerable.Range(0, count).Where(device => device % groups == group)];

    public IReadOnlyList<int> Small(int small) => [.. Enumerable.Range(small * SmallAudience, SmallAudience)];

    public IReadOnlyList<int> Spare => [.. Enumerable.Range(0, FirstOther)];

    public IEnumerable<int> Of(DeviceKind kind) => Enumerable.Range(0, count).Where(device => Kind(device) == kind);

    public async IAsyncEnumerable<DeviceRegistration> RegistrationsAsync(DateTimeOffset at)
    {
        for (var device = 0; device < count; device++)
        {
            yield return Registration(device, at);
        }
        await Task.CompletedTask;
    }

    public DeviceRegistration Registration(int device, DateTimeOffset at) => new(Token(device), at, Audiences:
    [
        GroupName(device % groups),
        .. device < SmallAudiences * SmallAudience ? [SmallName(device / SmallAudience)] : Array.Empty<string>(),
        .. device < FirstOther ? [SpareName] : Array.Empty<string>(),
    ]);

    /// <summary>Devices before this one are alive; they make up the spare and small audiences.</summary>
    private int FirstOther => Math.Clamp(count / 4, SmallAudiences * SmallAudience, 2_000);
}
