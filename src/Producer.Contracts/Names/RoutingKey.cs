namespace PushFanout.Contracts;

/// <summary>
/// The routing keys of the result exchanges: <c>&lt;app&gt;.&lt;source&gt;</c>. A service that binds <c>*.checkout</c> gets the results of
/// what it asked for, one that binds <c>shop-ios.*</c> gets everything of an app.
/// </summary>
public static class RoutingKey
{
    /// <summary>The second word when a request named no source.</summary>
    public const string NoSource = "none";

    /// <summary>The key for an app and the source of a request; null stands for <see cref="NoSource"/>.</summary>
    /// <exception cref="ArgumentException">One of them is no name (see <see cref="ContractNames"/>).</exception>
    public static string Of(string app, string? source)
    {
        if (!ContractNames.IsApp(app))
            throw new ArgumentException("This is not the name of an app.", nameof(app));
        if (source is not null && !ContractNames.IsSource(source))
            throw new ArgumentException("This is not the name of a source.", nameof(source));
        return $"{app}.{source ?? NoSource}";
    }
}
