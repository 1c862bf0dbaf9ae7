namespace PushFanout.Apns;

/// <summary>An HTTP proxy that connects to APNs on our behalf (<c>CONNECT</c>); TLS is with APNs all the same, and the proxy reads nothing of it.</summary>
public sealed class ApnsProxy
{
    /// <summary><c>http://host:port</c> and nothing more.</summary>
    public required Uri Address { get; init; }

    /// <summary>For a proxy that asks who we are (basic authentication); null when it does not. Without a colon.</summary>
    public string? User { get; init; }

    /// <summary>Goes with <see cref="User"/>. Sent to the proxy as it is, so the way to it must be trusted.</summary>
    public string? Password { get; init; }

    /// <summary>Names the address alone.</summary>
    public override string ToString() => $"proxy {Address.Authority}";

    /// <summary>What is wrong with it, in words; null when it can be used.</summary>
    internal string? Fault =>
        !Address.IsAbsoluteUri || Address.Scheme != Uri.UriSchemeHttp || Address.PathAndQuery != "/" || Address.UserInfo.Length != 0
            ? "must be http://host:port and nothing more"
        : User is null && Password is not null ? "has a password and no user"
        : User?.Contains(':', StringComparison.Ordinal) == true || HasControl(User) || HasControl(Password)
            ? "has a user or password that no header can carry"
        : null;

    private static bool HasControl(string? text) => text?.Any(char.IsControl) == true;
}
