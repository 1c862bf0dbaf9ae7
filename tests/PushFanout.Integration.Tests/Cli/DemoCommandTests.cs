using System.Globalization;
using System.Text.RegularExpressions;
using PushFanout.Cli;
using PushFanout.Cli.Demo;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed partial class DemoCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_second_send_is_smaller_by_what_the_first_removed_and_every_count_adds_up()
    {
        await using var demo = PushFanoutProcess.Start("demo", "--devices", "3000");
        var exitCode = await demo.WaitForExitAsync(Patience);
        Assert.True(exitCode == 0, demo.Output);
        Assert.Contains("Every count adds up.", demo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", demo.Output, StringComparison.Ordinal); // nobody watches: plain lines
        var (accepted, unregistered, audiences) = (Row("accepted", demo.Output), Row("unregistered", demo.Output), Row("= audience", demo.Output));
        Assert.Equal(3000, audiences[0].Worker);
        Assert.InRange(unregistered[0].Worker, 30, 90); // 2 % by hash
        Assert.Equal(3000 - unregistered[0].Worker, audiences[1].Worker);
        Assert.Equal((0, audiences[1].Worker), (unregistered[1].Worker, accepted[1].Worker));
        Assert.All(accepted.Concat(audiences), row => Assert.Equal(row.Worker, row.Apns));
    }

    [Fact]
    public async Task Interrupted_it_does_not_claim_success()
    {
        await using var demo = PushFanoutProcess.Start("demo", "--devices", "1000000");
        await demo.WaitForLineAsync("1,000,000 devices register.", Patience);
        demo.Signal(UnixSignal.Interrupt);
        Assert.Equal(1, await demo.WaitForExitAsync(Patience));
    }

    [Fact]
    public void A_count_that_does_not_add_up_is_named_and_not_forgotten()
    {
        using var output = new StringWriter();
        var books = new Books(new Screen(output, TimeProvider.System));
        Assert.True(books.Check("audience", 7, 7));
        Assert.True(books.Balance);
        Assert.False(books.Check("accepted by APNs", 5, 4));
        Assert.True(books.Check("audience", 7, 7));
        Assert.False(books.Balance);
        Assert.Contains("accepted by APNs: 4, but 5 expected", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("999")]
    [InlineData("1000001")]
    [InlineData("many")]
    public async Task A_number_of_devices_that_makes_no_sense_ends_with_2(string devices) =>
        Assert.Equal(2, (await Run.OfAsync("demo", "--devices", devices)).ExitCode);

    private static List<(long Worker, long Apns)> Row(string name, string output) =>
    [
        .. TableRow().Matches(output)
            .Where(row => row.Groups[1].Value.Trim() == name)
            .Select(row => (Number(row.Groups[2].Value), Number(row.Groups[3].Value))),
    ];

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowThousands | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*\|([^|]+)\|\s+([\d,]+)\s\|\s+([\d,]+)\s\|", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
