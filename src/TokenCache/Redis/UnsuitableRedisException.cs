namespace PushFanout.TokenCache.Redis;

/// <summary>Redis answers, but would lose data or lacks commands: it must be configured or upgraded before a start.</summary>
public sealed class UnsuitableRedisException : Exception
{
    /// <summary>Without details.</summary>
    public UnsuitableRedisException() { }
    /// <summary>With what to change.</summary>
    public UnsuitableRedisException(string message) : base(message) { }
    /// <summary>With what to change and a cause.</summary>
    public UnsuitableRedisException(string message, Exception innerException) : base(message, innerException) { }
}
