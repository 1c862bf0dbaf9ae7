namespace PushFanout.Worker.Hosting;

/// <summary>What a process of PushFanout ends with.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>Something failed that is not the configuration's fault.</summary>
    public const int Failure = 1;

    /// <summary>The configuration cannot work (sysexits' EX_CONFIG); every fault has been printed.</summary>
    public const int Configuration = 78;
}
