using PushFanout.TokenCache.InMemory;

namespace PushFanout.TokenCache.Tests.InMemory;

public sealed class InMemoryTokenCacheTests : TokenCacheContract
{
    protected override Task<ITokenCache> CreateAsync() => Task.FromResult<ITokenCache>(new InMemoryTokenCache(TimeProvider.System));
}
