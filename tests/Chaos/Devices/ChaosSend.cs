namespace PushFanout.Chaos.Devices;

/// <summary>One notification of a run.</summary>
/// <param name="Id">From the seed and its number.</param>
/// <param name="Audience">The audience it names.</param>
/// <param name="Devices">Who is in that audience.</param>
/// <param name="IsPlanned">Whether it has ranges; otherwise it is one batch.</param>
internal sealed record ChaosSend(Guid Id, string Audience, IReadOnlyList<int> Devices, bool IsPlanned)
{
    /// <summary>The collapse id that the worker derives from the id.</summary>
    public string CollapseId => Id.ToString("N");
}
