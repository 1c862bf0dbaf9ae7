using System.Net;
using System.Net.Http.Headers;

namespace PushFanout.Worker.Tests.Http;

public sealed class CallerGateTests
{
    private const string Key = "correct-horse-battery-staple";

    [Fact]
    public async Task With_a_key_configured_the_API_answers_only_who_shows_it()
    {
        await using var worker = await HttpWorker.StartAsync(Key);

        using var refused = await worker.Client.GetAsync("/api/apps");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", Assert.Single(refused.Headers.WwwAuthenticate).Scheme);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(worker, "X-Api-Key", Key + "r"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(worker, "X-Api-Key", ""));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(worker, "Authorization", "Basic " + Key));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(worker, "X-Api-Key", Key));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(worker, "Authorization", "Bearer " + Key));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(worker, "Authorization", "bearer " + Key));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/")]
    public async Task Probes_scrapers_and_the_empty_page_need_no_key(string path)
    {
        await using var worker = await HttpWorker.StartAsync(Key);
        using var response = await worker.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(Key, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/API/apps")]
    [InlineData("//api/apps")]
    [InlineData("/health/../api/apps")]
    [InlineData("/metrics/../api/apps")]
    [InlineData("/no/such/path")]
    public async Task No_spelling_of_an_address_goes_around_the_key(string path)
    {
        await using var worker = await HttpWorker.StartAsync(Key);
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(worker.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using var response = await worker.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Without_a_key_a_foreign_web_page_in_a_browser_on_this_machine_is_refused()
    {
        await using var worker = await HttpWorker.StartAsync();

        Assert.Equal(HttpStatusCode.OK, await AskAsync(worker, "Sec-Fetch-Site", "same-origin"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(worker, "Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(worker, "Sec-Fetch-Site", "same-site"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(worker, "Host", "rebound.example"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(worker, "Host", "localhost:8080"));
    }

    [Fact]
    public async Task The_page_loads_nothing_from_elsewhere_and_runs_only_its_own_script()
    {
        await using var worker = await HttpWorker.StartAsync();
        using var response = await worker.Client.GetAsync("/");
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", page, StringComparison.Ordinal);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> AskAsync(HttpWorker worker, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/apps");
        if (header == "Authorization")
        {
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(value);
        }
        else
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }
        using var response = await worker.Client.SendAsync(request);
        return response.StatusCode;
    }
}
