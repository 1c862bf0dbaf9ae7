namespace PushFanout.ApnsSimulator;

/// <summary>Apple's refusals that carry nothing but their reason, made once.</summary>
internal static class Refusals
{
    public static readonly PushReply BadCollapseId = new(400, nameof(BadCollapseId));
    public static readonly PushReply BadDeviceToken = new(400, nameof(BadDeviceToken));
    public static readonly PushReply BadExpirationDate = new(400, nameof(BadExpirationDate));
    public static readonly PushReply BadMessageId = new(400, nameof(BadMessageId));
    public static readonly PushReply BadPriority = new(400, nameof(BadPriority));
    public static readonly PushReply BadTopic = new(400, nameof(BadTopic));
    public static readonly PushReply DeviceTokenNotForTopic = new(400, nameof(DeviceTokenNotForTopic));
    public static readonly PushReply DuplicateHeaders = new(400, nameof(DuplicateHeaders));
    public static readonly PushReply InvalidPushType = new(400, nameof(InvalidPushType));
    public static readonly PushReply MissingDeviceToken = new(400, nameof(MissingDeviceToken));
    public static readonly PushReply MissingTopic = new(400, nameof(MissingTopic));
    public static readonly PushReply PayloadEmpty = new(400, nameof(PayloadEmpty));
    public static readonly PushReply TopicDisallowed = new(400, nameof(TopicDisallowed));
    public static readonly PushReply BadEnvironmentKeyInToken = new(403, nameof(BadEnvironmentKeyInToken));
    public static readonly PushReply BadEnvironmentKeyIdInToken = new(403, nameof(BadEnvironmentKeyIdInToken));
    public static readonly PushReply ExpiredProviderToken = new(403, nameof(ExpiredProviderToken));
    public static readonly PushReply InvalidProviderToken = new(403, nameof(InvalidProviderToken));
    public static readonly PushReply MissingProviderToken = new(403, nameof(MissingProviderToken));
    public static readonly PushReply UnrelatedKeyIdInToken = new(403, nameof(UnrelatedKeyIdInToken));
    public static readonly PushReply BadPath = new(404, nameof(BadPath));
    public static readonly PushReply MethodNotAllowed = new(405, nameof(MethodNotAllowed));
    public static readonly PushReply PayloadTooLarge = new(413, nameof(PayloadTooLarge));
    public static readonly PushReply TooManyProviderTokenUpdates = new(429, nameof(TooManyProviderTokenUpdates));
    public static readonly PushReply TooManyRequests = new(429, nameof(TooManyRequests));
}
