using System.Text.Json;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>Audiences with their sizes, for people or programs.</summary>
internal static class AudienceSizes
{
    public static void Write(Screen screen, IReadOnlyList<AudienceCount> audiences, bool json)
    {
        if (json)
        {
            screen.Line(JsonSerializer.Serialize(audiences.ToDictionary(audience => audience.Name, audience => audience.Tokens)));
        }
        else
        {
            screen.Table(["audience", "devices"], audiences.Select(audience => (string[])[audience.Name, Screen.Number(audience.Tokens)]));
        }
    }
}
