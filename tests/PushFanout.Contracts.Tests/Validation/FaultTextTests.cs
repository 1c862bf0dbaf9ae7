using System.Text;
using PushFanout.Contracts.Tests.Reading;

namespace PushFanout.Contracts.Tests.Validation;

public sealed class FaultTextTests
{
    private static readonly string Token = Examples.Token;

    [Fact]
    public void No_fault_has_a_token_in_it_wherever_a_sender_put_it()
    {
        string[] bodies =
        [
            $$"""{"app":"{{Token}}!","token":"{{Token}}x","deviceId":"{{Token}}\n","userId":"{{Token}}\n","audiences":["{{Token}} "],"at":"{{Token}}","{{Token}}":1}""",
            $$"""{"app":"a","audience":"{{Token}}!","add":[{"token":"{{Token}}x"},{"user":"{{Token}}\n"},{"{{Token}}":1},"{{Token}}"]}""",
            RequestJson.With($$"""
                "pushType":"{{Token}}","lane":"x{{Token}}","collapseId":"{{Token}}{{Token}}","source":"{{Token}}!","reference":"\n{{Token}}",
                "{{Token}}":"{{Token}}","expiration":"{{Token}}"
                """),
            RequestJson.Replacing("audience", $$"""{"tokens":["{{Token}}",{"x":"{{Token}}"}],"{{Token}}":["{{Token}}"]}"""),
            RequestJson.Replacing("payload", $"\"{Token}\""),
        ];

        foreach (var body in bodies.Select(Encoding.UTF8.GetBytes))
        {
            var faults = NotificationRequestedReader.Read(body).Faults
                .Concat(DeviceRegisteredReader.Read(body).Faults)
                .Concat(DeviceUnregisteredReader.Read(body).Faults)
                .Concat(AudienceChangedReader.Read(body).Faults);
            var all = string.Join('\n', faults);

            Assert.NotEmpty(all);
            Assert.DoesNotContain(Token[..32], all, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void A_fault_shows_at_most_64_printable_characters_of_a_value()
    {
        var word = "\\u0007" + new string('w', 500);
        var fault = Assert.Single(RequestJson.Read(RequestJson.With($"\"pushType\":\"{word}\"")).Faults);

        Assert.Contains("\"?" + new string('w', 63) + "\"", fault.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('w', 64), fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_fault_has_a_payload_in_it()
    {
        var secret = "the launch is on Monday";
        var faults = RequestJson.Read(RequestJson.Replacing("payload", $"\"{secret}\"")).Faults
            .Concat(RequestJson.Read(RequestJson.Replacing("payload", $$"""{"{{secret}}":"{{new string('x', 5000)}}"}""")).Faults);

        Assert.Equal(3, faults.Count());
        Assert.All(faults, fault => Assert.DoesNotContain(secret, fault.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void No_message_shows_a_token_a_user_or_a_payload_as_text()
    {
        foreach (var text in Examples.All.Values.Select(message => message.ToString()!))
        {
            Assert.DoesNotContain(Examples.Token, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("4711", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Ausverkauf", text, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(Token, $"{Examples.AudienceChange.Add![1]} {Examples.DeadTokens.Tokens[0]} {Examples.Retired.Devices[0]}", StringComparison.Ordinal);
        Assert.DoesNotContain("4711", $"{Examples.Request.Audience} {Examples.AudienceChange.Add![0]}", StringComparison.Ordinal);
    }
}
