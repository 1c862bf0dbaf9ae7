namespace PushFanout.ApnsSimulator;

/// <summary>
/// A set of 64-bit fingerprints in 11 to 22 bytes each. It grows in 256 independent parts, so that no single insertion waits for
/// the whole set to be moved. Two of ten million fingerprints meet by chance once in 400,000 runs.
/// </summary>
internal sealed class FingerprintSet
{
    private const int Parts = 256;
    private readonly ulong[][] slots = new ulong[Parts][]; // 0 is a free slot
    private readonly int[] counts = new int[Parts];

    public FingerprintSet() => Array.Fill(slots, []);

    /// <summary>Adds a well-mixed fingerprint; false when it was there already.</summary>
    public bool Add(ulong fingerprint)
    {
        fingerprint = fingerprint == 0 ? 1 : fingerprint;
        var part = (int)(fingerprint >> 56);
        if (counts[part] >= slots[part].Length * 3 / 4)
        {
            Grow(part);
        }
        if (!Insert(slots[part], fingerprint))
        {
            return false;
        }
        counts[part]++;
        return true;
    }

    private void Grow(int part)
    {
        var larger = new ulong[Math.Max(16, slots[part].Length * 2)];
        foreach (var fingerprint in slots[part])
        {
            if (fingerprint != 0)
            {
                Insert(larger, fingerprint);
            }
        }
        slots[part] = larger;
    }

    private static bool Insert(ulong[] table, ulong fingerprint)
    {
        var mask = table.Length - 1;
        for (var i = (int)fingerprint & mask; ; i = (i + 1) & mask)
        {
            if (table[i] == fingerprint)
            {
                return false;
            }
            if (table[i] == 0)
            {
                table[i] = fingerprint;
                return true;
            }
        }
    }
}
