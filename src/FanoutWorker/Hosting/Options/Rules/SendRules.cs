namespace PushFanout.Worker.Hosting;

/// <summary>Cutting and sending.</summary>
internal static class SendRules
{
    public static void Check(PushFanoutOptions options, SettingFaults faults)
    {
        if (options.Expansion.RangeTokens < options.Expansion.BatchTokens)
        {
            faults.Add("Expansion:RangeTokens", "must be at least Expansion:BatchTokens");
        }
        if (options.Apns.EndpointOverride is { } endpoint && !IsBareHttps(endpoint))
        {
            faults.Add("Apns:EndpointOverride", "must be https://host[:port] and nothing more");
        }
        if (options.Apns.TrustedCaFile is { } file && TrustedRoots.TryLoad(file, out var fault) is null)
        {
            faults.Add("Apns:TrustedCaFile", $"{file}: {fault}");
        }
    }

    private static bool IsBareHttps(Uri uri) =>
        uri is { Scheme: "https", PathAndQuery: "/", UserInfo: "", Fragment: "" };
}
