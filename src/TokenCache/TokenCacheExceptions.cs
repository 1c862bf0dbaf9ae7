namespace PushFanout.TokenCache;

/// <summary>The store did not answer in time, or answered with something other than the data: nothing may be concluded about the data.</summary>
public sealed class TokenCacheUnavailableException : Exception
{
    /// <summary>Without details.</summary>
    public TokenCacheUnavailableException() { }
    /// <summary>With what went wrong; never a token.</summary>
    public TokenCacheUnavailableException(string message) : base(message) { }
    /// <summary>With what went wrong and its cause; never a token.</summary>
    public TokenCacheUnavailableException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>The app exists in the store with another number of shards than configured.</summary>
public sealed class ShardCountMismatchException : Exception
{
    /// <summary>Without details.</summary>
    public ShardCountMismatchException() { }
    /// <summary>With both numbers.</summary>
    public ShardCountMismatchException(string message) : base(message) { }
    /// <summary>With both numbers and a cause.</summary>
    public ShardCountMismatchException(string message, Exception innerException) : base(message, innerException) { }
}
