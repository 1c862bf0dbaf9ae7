using PushFanout.Worker.Hosting;

namespace PushFanout.Integration.Tests.Deployment;

public sealed class SettingsDocumentTests
{
    [Fact]
    public void The_tables_of_settings_are_those_that_the_options_make_now()
    {
        var page = string.Join('\n', RepositoryFiles.Lines("docs/settings.md"));
        Assert.True(
            page.Contains($"<!-- settings: begin; written by ./build.sh docs -->\n\n{SettingsReference.Write()}\n<!-- settings: end -->", StringComparison.Ordinal),
            "docs/settings.md is not current: run ./build.sh docs");
    }

    [Fact]
    public void Every_setting_and_section_says_what_it_means()
    {
        var reference = SettingsReference.Write();
        Assert.All(SettingsTree.ValuesBelow(typeof(PushFanoutOptions)), setting =>
        {
            Assert.EndsWith(".", setting.About.Meaning, StringComparison.Ordinal);
            Assert.Contains($"| `{setting.Path}` | ", reference, StringComparison.Ordinal);
        });
    }
}
