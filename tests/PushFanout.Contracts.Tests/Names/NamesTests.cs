using System.Text.RegularExpressions;

namespace PushFanout.Contracts.Tests.Names;

public sealed class NamesTests
{
    public static TheoryData<string> Candidates =>
    [
        "a", "shop-ios", "Shop", "shop_ios", "shop.ios", "0", "-a", ".a", "_a", "", " ", "a b", "a\n", "a*", "#", "{a}", "é", "a/b", "all",
        new string('a', 64), new string('a', 65),
    ];

    [Theory]
    [MemberData(nameof(Candidates))]
    public void Names_are_what_their_patterns_say(string name)
    {
        Assert.Equal(Matches(name, ContractNames.AppPattern), ContractNames.IsApp(name));
        Assert.Equal(Matches(name, ContractNames.SourcePattern), ContractNames.IsSource(name));
        Assert.Equal(Matches(name, ContractNames.AudiencePattern), ContractNames.IsAudience(name));
    }

    [Theory]
    [InlineData("ab", true)]
    [InlineData("AB09", true)]
    [InlineData("", false)]
    [InlineData("abc", false)]
    [InlineData("ag", false)]
    [InlineData("a b ", false)]
    [InlineData("ab\n", false)]
    [InlineData("٠٠", false)]
    public void A_token_is_what_its_pattern_says(string token, bool wellFormed)
    {
        Assert.Equal(wellFormed, DeviceTokenText.IsWellFormed(token));
        Assert.Equal(wellFormed, Matches(token, DeviceTokenText.Pattern));
    }

    [Fact]
    public void A_token_comes_back_in_lower_case()
    {
        Assert.True(DeviceTokenText.TryDecode("00FFa1", out var bytes));
        Assert.Equal([0x00, 0xff, 0xa1], bytes);
        Assert.Equal("00ffa1", DeviceTokenText.Encode(bytes));
        Assert.False(DeviceTokenText.TryDecode("0x", out _));
        Assert.False(DeviceTokenText.TryDecode(null, out _));
    }

    [Fact]
    public void A_routing_key_has_two_words()
    {
        Assert.Equal("shop-ios.campaigns", RoutingKey.Of("shop-ios", "campaigns"));
        Assert.Equal("shop-ios.none", RoutingKey.Of("shop-ios", null));
        Assert.Throws<ArgumentException>(() => RoutingKey.Of("shop.ios", null));
        Assert.Throws<ArgumentException>(() => RoutingKey.Of("shop-ios", "a.#"));
    }

    // A pattern's $ also matches before a line feed at the very end in .NET, not in JSON Schema's dialect.
    private static bool Matches(string text, string pattern) => Regex.IsMatch(text, pattern[..^1] + @"\z");
}
