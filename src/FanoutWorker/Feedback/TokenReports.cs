using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Worker.Feedback;

/// <summary>Tokens and what APNs said of them, in the words of the message.</summary>
internal static class TokenReports
{
    public static DeadTokensFound Of(string app, Guid notification, IReadOnlyList<DeadToken> tokens) => new()
    {
        App = app,
        NotificationId = notification,
        Tokens = [.. tokens.Select(dead => new DeadDeviceToken { Token = DeviceTokenText.Encode(dead.Token.Span), Reason = dead.Reason, Since = dead.Since })],
    };

    /// <summary>Only APNs' 410 says that a token is dead; anything else is a suspicion, which a wrong environment raises too.</summary>
    public static bool IsSuspicion(string reason) => reason is not ("Unregistered" or "ExpiredToken");
}
