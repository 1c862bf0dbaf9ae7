using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Worker.Intake;

/// <summary>Names of audiences that no device of the app was ever in: mistyped, more likely than not.</summary>
internal static class UnknownAudiences
{
    /// <exception cref="TokenCacheUnavailableException">Redis did not say.</exception>
    public static async Task<IReadOnlyList<ContractFault>> FindAsync(ITokenCache cache, NotificationRequested request, CancellationToken cancellationToken)
    {
        var named = NamesOf(request.Audience).ToList();
        if (named.Count == 0)
        {
            return [];
        }
        var unknown = await cache.FindUnknownAudiencesAsync(request.App, [.. named.Select(entry => entry.Name).Distinct()], cancellationToken);
        return
        [
            .. named.Where(entry => unknown.Contains(entry.Name)).Select(entry => new ContractFault(
                entry.Field, FaultCodes.UnknownAudience, $"No device of {request.App} was ever in an audience of this name.")),
        ];
    }

    private static IEnumerable<(string Field, string Name)> NamesOf(Audience audience) =>
        Fields("anyOf", audience.AnyOf).Concat(Fields("allOf", audience.AllOf)).Concat(Fields("noneOf", audience.NoneOf));

    private static IEnumerable<(string Field, string Name)> Fields(string field, IReadOnlyList<string>? names) =>
        (names ?? []).Select((name, index) => ($"audience.{field}[{index}]", name));
}
