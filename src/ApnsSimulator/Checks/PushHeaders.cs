using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace PushFanout.ApnsSimulator;

/// <summary>The headers that APNs reads; an absent one is null.</summary>
internal struct PushHeaders
{
    public string? Authorization;
    public string? Topic;
    public string? PushType;
    public string? Id;
    public string? Priority;
    public string? Expiration;
    public string? CollapseId;

    /// <summary>Says no when one of them was sent more than once; the others are read all the same.</summary>
    public static bool TryRead(IHeaderDictionary headers, out PushHeaders read)
    {
        read = default;
        return TryTake(headers.Authorization, out read.Authorization)
            & TryTake(headers["apns-topic"], out read.Topic)
            & TryTake(headers["apns-push-type"], out read.PushType)
            & TryTake(headers["apns-id"], out read.Id)
            & TryTake(headers["apns-priority"], out read.Priority)
            & TryTake(headers["apns-expiration"], out read.Expiration)
            & TryTake(headers["apns-collapse-id"], out read.CollapseId);
    }

    private static bool TryTake(StringValues values, out string? value)
    {
        value = values.Count == 1 ? values[0] : null;
        return values.Count <= 1;
    }
}
