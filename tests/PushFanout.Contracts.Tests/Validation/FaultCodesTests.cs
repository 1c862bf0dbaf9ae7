using System.Reflection;
using System.Text;
using PushFanout.Contracts.Tests.Schemas;

namespace PushFanout.Contracts.Tests.Validation;

public sealed class FaultCodesTests
{
    [Fact]
    public void The_documentation_lists_every_code_with_its_meaning()
    {
        var text = new StringBuilder("""
            # Fault codes

            A request that is refused is answered with one `NotificationRejected` that lists every fault at once: `field`, `code` and `text`.
            The HTTP interface answers 422 with the same list. Decide by `code`; `text` is for people and may change. `field` is a path such as
            `audience.anyOf[3]`; `$` is the message as a whole. No text has a device token or a payload in it, nor more than 64 characters of
            another value.

            This list only grows.

            | Code | Meaning |
            |---|---|

            """);
        foreach (var code in Codes())
            text.Append($"| `{code.GetRawConstantValue()}` | {XmlDocs.Of(code)} |\n");
        text.Append("""

            What is not JSON in UTF-8, breaks off, nests deeper than 64 levels or has half a surrogate pair in a string cannot be answered at all. It is
            kept in the queue `pushfanout.parked` with the reason and the byte, for an operator to look at.

            """);

        GoldenFile.AssertCurrent("docs/faults.md", text.ToString());
    }

    [Fact]
    public void No_code_means_two_things()
    {
        var values = Codes().Select(code => (string)code.GetRawConstantValue()!).ToArray();

        Assert.Equal(values.Length, values.Distinct().Count());
        Assert.All(values, value => Assert.Matches("^[a-z]+(_[a-z]+)*$", value));
    }

    private static FieldInfo[] Codes() => typeof(FaultCodes).GetFields(BindingFlags.Public | BindingFlags.Static);
}
