namespace PushFanout.Apns.Tests;

public sealed class ApnsClientOptionsTests
{
    [Fact]
    public void The_defaults_can_be_used_and_mean_Apple()
    {
        var production = new ApnsClientOptions { Environment = ApnsEnvironment.Production };
        var sandbox = new ApnsClientOptions { Environment = ApnsEnvironment.Sandbox };

        Assert.Empty(production.Validate());
        Assert.Equal("https://api.push.apple.com/", production.Endpoint.AbsoluteUri);
        Assert.Equal("https://api.sandbox.push.apple.com/", sandbox.Endpoint.AbsoluteUri);
    }

    [Fact]
    public void Every_setting_out_of_range_is_named_at_once()
    {
        var faults = new ApnsClientOptions
        {
            Environment = (ApnsEnvironment)9,
            EndpointOverride = new Uri("http://localhost:1"),
            MaxConnections = 0,
            MaxStreamsPerConnection = -1,
            UrgentReservePercent = 51,
            AnswerTimeout = TimeSpan.Zero,
            StartTimeout = TimeSpan.FromHours(1),
        }.Validate();

        Assert.Equal(
            ["Environment", "EndpointOverride", "MaxConnections", "UrgentReservePercent", "MaxStreamsPerConnection", "AnswerTimeout", "StartTimeout"],
            faults.Select(fault => fault.Split(' ')[0]));
    }

    [Theory]
    [InlineData("https://proxy:3128", null, null, "http://host:port")]
    [InlineData("http://proxy:3128/path", null, null, "http://host:port")]
    [InlineData("http://me:canary@proxy:3128", null, null, "http://host:port")]
    [InlineData("http://proxy:3128", null, "canary", "no user")]
    [InlineData("http://proxy:3128", "m:e", "canary", "no header")]
    [InlineData("http://proxy:3128", "me", "canary\r\nX: y", "no header")]
    public void A_proxy_is_an_address_and_perhaps_a_user(string address, string? user, string? password, string fault)
    {
        var proxy = new ApnsProxy { Address = new Uri(address), User = user, Password = password };
        var said = Assert.Single(new ApnsClientOptions { Environment = ApnsEnvironment.Production, Proxy = proxy }.Validate());
        Assert.Contains(fault, said, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", said + proxy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://localhost:8443")]
    [InlineData("https://apns.internal/")]
    public void A_bare_https_endpoint_may_take_Apples_place(string endpoint) =>
        Assert.Empty(new ApnsClientOptions { Environment = ApnsEnvironment.Production, EndpointOverride = new Uri(endpoint) }.Validate());

    [Theory]
    [InlineData("https://localhost/path")]
    [InlineData("https://localhost/?query")]
    [InlineData("https://user:canary@localhost/")]
    [InlineData("ftp://localhost/")]
    public void Anything_else_may_not(string endpoint)
    {
        var fault = Assert.Single(new ApnsClientOptions { Environment = ApnsEnvironment.Production, EndpointOverride = new Uri(endpoint) }.Validate());
        Assert.DoesNotContain("canary", fault, StringComparison.Ordinal);
    }
}
