namespace PushFanout.ApnsSimulator;

/// <summary>Method and path, the first things looked at.</summary>
internal static class PathChecks
{
    private const string Prefix = "/3/device/";

    public static PushReply? Refuse(string method, string target, out ReadOnlySpan<char> token)
    {
        token = default;
        if (method != "POST")
        {
            return Refusals.MethodNotAllowed;
        }
        if (target is "/3/device")
        {
            return Refusals.MissingDeviceToken;
        }
        if (!target.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Refusals.BadPath;
        }
        token = target.AsSpan(Prefix.Length);
        return token.IsEmpty ? Refusals.MissingDeviceToken : token.Contains('/') ? Refusals.BadPath : null;
    }
}
