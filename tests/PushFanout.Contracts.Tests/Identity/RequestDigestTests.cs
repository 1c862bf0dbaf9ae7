using PushFanout.Contracts.Tests.Reading;

namespace PushFanout.Contracts.Tests.Identity;

public sealed class RequestDigestTests
{
    [Fact]
    public void The_way_the_JSON_is_written_makes_no_difference()
    {
        var one = """
            {"notificationId":"0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d","app":"shop-ios","audience":{"anyOf":["a","b"],"tokens":["AB","cd"]},
             "payload":{"aps":{"alert":"é"}},"deadline":"2026-11-22T12:00:00Z"}
            """;
        var same = """
            {"deadline":"2026-11-22T13:00:00.000+01:00","lane":"normal","pushType":"alert","storeIfOffline":true,"dryRun":false,"report":"summary",
             "payload": { "aps": { "alert": "\u00e9" } },"source":null,
             "audience":{"tokens":["CD","ab","ab"],"users":[],"anyOf":["b","a","a"]},"app":"shop-ios","notificationId":"0B8F6A4E-6A53-4C0B-9E5E-0F6D3A4C1B2D"}
            """;

        Assert.Equal(DigestOf(one), DigestOf(same));
    }

    [Fact]
    public void Anything_else_makes_a_difference()
    {
        var request = Examples.Request;
        var audience = request.Audience;
        NotificationRequested[] others =
        [
            request,
            request with { NotificationId = Guid.Parse("0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2e") },
            request with { App = "shop-ios-dev" },
            request with { Audience = audience with { AnyOf = [] } },
            request with { Audience = audience with { AnyOf = ["sale.autumnsale.winter"] } },
            request with { Audience = audience with { AllOf = audience.NoneOf, NoneOf = audience.AllOf } },
            request with { Audience = audience with { Users = ["customer-4712"] } },
            request with { Audience = audience with { Tokens = [Examples.OtherToken] } },
            request with { Payload = PushPayload.Parse("""{"aps":{}}""") },
            request with { PushType = PushType.Background },
            request with { Lane = Lane.Urgent },
            request with { Priority = null },
            request with { CollapseId = null },
            request with { CollapseId = request.Source, Source = request.CollapseId },
            request with { Expiration = null },
            request with { StoreIfOffline = false },
            request with { NotBefore = null },
            request with { Deadline = request.Deadline!.Value.AddTicks(1) },
            request with { PushesPerSecond = 5_001 },
            request with { MaxAudience = 1 },
            request with { DryRun = true },
            request with { Report = Report.None },
            request with { Source = null },
            request with { Reference = "" },
        ];

        Assert.Equal(others.Length, others.Select(other => Convert.ToHexString(RequestDigest.Of(other))).Distinct().Count());
    }

    [Fact]
    public void A_digest_kept_by_an_older_worker_still_holds()
    {
        Assert.Equal(RequestDigest.Length, RequestDigest.Of(Examples.Request).Length);
        Assert.StartsWith("93B15E535D64DDE3", Convert.ToHexString(RequestDigest.Of(Examples.MinimalRequest)), StringComparison.Ordinal);
        Assert.StartsWith("AB186385B208AA01", Convert.ToHexString(RequestDigest.Of(Examples.Request)), StringComparison.Ordinal);
    }

    private static byte[] DigestOf(string json) => RequestDigest.Of(RequestJson.Read(json).Message!);
}
