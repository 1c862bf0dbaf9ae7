namespace PushFanout.ApnsSimulator;

/// <summary>Who pushes: a client certificate, or a provider token that is true, young enough, and fits the connection and the environment.</summary>
internal sealed class CredentialChecks(SimulatorOptions options, ProviderTokenVerifier verifier)
{
    private const string Scheme = "bearer ";
    private readonly PushReply wrongEnvironment =
        options.DocumentedEnvironmentKeyReason ? Refusals.BadEnvironmentKeyIdInToken : Refusals.BadEnvironmentKeyInToken;

    /// <param name="authorization">The header as it came.</param>
    /// <param name="connection">The connection it came over; its first good token binds it.</param>
    /// <param name="streamId">The stream it came on.</param>
    /// <param name="key">The key that the token was signed with; null with a refusal or a client certificate.</param>
    public PushReply? Refuse(string? authorization, PushConnection connection, int streamId, out SimulatorKey? key)
    {
        key = null;
        if (connection.Certificate is not null)
        {
            return null; // Apple ignores a token sent beside a certificate
        }
        if (authorization is null || authorization.Length <= Scheme.Length || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Refusals.MissingProviderToken;
        }
        if (connection.Binding.IsSpoiled)
        {
            return Refusals.ExpiredProviderToken;
        }
        var current = connection.Binding.Current;
        var token = current is not null && verifier.IsCurrent(current) && authorization.AsSpan(Scheme.Length).SequenceEqual(current.Text)
            ? current
            : verifier.Verify(authorization[Scheme.Length..]);
        if (token is null)
        {
            return Refusals.InvalidProviderToken;
        }
        if (verifier.RefuseByAge(token) is { } tooOld)
        {
            if (tooOld == Refusals.ExpiredProviderToken)
            {
                connection.Binding.SawExpiredToken();
            }
            return tooOld;
        }
        if (!ReferenceEquals(token, current) && connection.Binding.Use(token, streamId) is { } refusal)
        {
            return refusal;
        }
        key = token.Key;
        return IsForThisEnvironment(key.Scope) ? null : wrongEnvironment;
    }

    private bool IsForThisEnvironment(KeyScope scope) => scope switch
    {
        KeyScope.Both => true,
        KeyScope.Production => options.Environment is SimulatedEnvironment.Production,
        KeyScope.Sandbox => options.Environment is SimulatedEnvironment.Sandbox,
        _ => false,
    };
}
