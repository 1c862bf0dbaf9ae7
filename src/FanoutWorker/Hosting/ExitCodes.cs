namespace PushFanout.Worker.Hosting;

/// <summary>What a process of PushFanout ends with.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>Something failed that is not the configuration's fault.</summary>
    public const int Failure = 1;

    /// <summary>The command line cannot be understood, or asks for what is not possible.</summary>
    public const int Usage = 2;

    /// <summary>The configuration cannot work (sysexits' EX_CONFIG); every fault has been printed.</summary>
    public const int Configuration = 78;
}
