using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Worker.Intake;

/// <summary>Turns the audience of a message into what the token cache reads.</summary>
internal static class Audiences
{
    /// <returns>The expression, and how many entries of the token list are no tokens.</returns>
    public static (AudienceExpression Expression, int Malformed) Of(Audience audience)
    {
        var malformed = 0;
        var tokens = new List<ReadOnlyMemory<byte>>(audience.Tokens?.Count ?? 0);
        foreach (var text in audience.Tokens ?? [])
        {
            if (DeviceTokenText.TryDecode(text, out var token))
            {
                tokens.Add(token);
            }
            else
            {
                malformed++;
            }
        }
        return (new AudienceExpression(audience.AnyOf ?? [], audience.AllOf ?? [], audience.NoneOf ?? [], audience.Users ?? [], tokens), malformed);
    }

    /// <summary>Whether every token of the request's list was malformed and nothing else was asked for: nobody is meant, not everybody.</summary>
    public static bool IsNobody(Audience audience, AudienceExpression expression) =>
        audience.Tokens is { Count: > 0 } && expression.Tokens.Count == 0 && expression.Users.Count == 0 && expression.AnyOf.Count == 0;
}
