namespace PushFanout.Contracts.Tests;

public sealed class PushTypesTests
{
    [Fact]
    public void Every_push_type_has_its_own_row()
    {
        Assert.Equal(Enum.GetValues<PushType>(), PushTypes.All.Select(rules => rules.Type));
        Assert.All(PushTypes.All, rules => Assert.Same(rules, PushTypes.Of(rules.Type)));
    }

    [Theory]
    [InlineData(PushType.Alert, "alert", "com.example.shop")]
    [InlineData(PushType.Background, "background", "com.example.shop")]
    [InlineData(PushType.Voip, "voip", "com.example.shop.voip")]
    [InlineData(PushType.Complication, "complication", "com.example.shop.complication")]
    [InlineData(PushType.FileProvider, "fileprovider", "com.example.shop.pushkit.fileprovider")]
    [InlineData(PushType.Location, "location", "com.example.shop.location-query")]
    [InlineData(PushType.LiveActivity, "liveactivity", "com.example.shop.push-type.liveactivity")]
    [InlineData(PushType.PushToTalk, "pushtotalk", "com.example.shop.voip-ptt")]
    [InlineData(PushType.Widgets, "widgets", "com.example.shop.push-type.widgets")]
    [InlineData(PushType.Controls, "controls", "com.example.shop.push-type.controls")]
    [InlineData(PushType.Mdm, "mdm", "com.example.shop")]
    public void Name_and_topic_are_Apples(PushType type, string name, string topic)
    {
        Assert.Equal(name, PushTypes.Of(type).Name);
        Assert.Equal(topic, PushTypes.TopicOf("com.example.shop", type));
        Assert.Equal(topic, PushTypes.TopicOf(topic, type));
    }

    [Fact]
    public void The_default_priority_is_always_an_allowed_one()
    {
        Assert.All(PushTypes.All, rules => Assert.Contains(rules.DefaultPriority ?? 10, rules.AllowedPriorities));
        Assert.Equal(5, PushTypes.Of(PushType.Background).DefaultPriority);
    }

    [Fact]
    public void A_number_that_is_no_push_type_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PushTypes.Of((PushType)PushTypes.All.Length));
}
