using PushFanout.Apns;

static class OneDevice
{
    public static async Task<string> GreetAsync(string keyFile, ApnsClientOptions options, string deviceToken)
    {
        var key = ProviderTokenKey.Load(teamId: "ABCDE12345", keyId: "FGHIJ67890", keyFile);
        if (!key.IsUsable)
            return string.Join('\n', key.Faults);                     // every fault at once: path and reason, never the key

        using var credential = key.Credential;
        await using var client = new ApnsClient(credential, options); // one for the whole process, not one for each push

        var hello = new ApnsNotification
        {
            Payload = """{"aps":{"alert":"Your order is on its way"}}"""u8.ToArray(),
            Topic = "com.example.shop",
            PushType = "alert",
        };
        var answer = await client.SendAsync(hello, Convert.FromHexString(deviceToken), default, CancellationToken.None);

        return answer.Answer == Answer.Accepted
            ? $"accepted after {answer.Elapsed.TotalMilliseconds:0} ms"
            : $"{answer.Answer}: {answer.ReasonText ?? answer.Reason.ToString()}";
    }
}
