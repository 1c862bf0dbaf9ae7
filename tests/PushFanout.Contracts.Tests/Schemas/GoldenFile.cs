using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PushFanout.Contracts.Tests.Schemas;

/// <summary>Files that are made from the types, kept in the repository and shipped. With PUSHFANOUT_UPDATE_GOLDEN=1 they are written anew.</summary>
internal static class GoldenFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string RepositoryRoot { get; } = FindRoot();

    public static void AssertCurrent(string file, JsonNode json) => AssertCurrent(file, json.ToJsonString(Indented) + "\n");

    public static void AssertCurrent(string file, string content)
    {
        var path = Path.Combine(RepositoryRoot, file);
        if (Environment.GetEnvironmentVariable("PUSHFANOUT_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content);
        }
        Assert.True(File.Exists(path), $"{file} is missing; PUSHFANOUT_UPDATE_GOLDEN=1 writes it.");
        Assert.Equal(content, File.ReadAllText(path));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "PushFanout.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run from inside the repository.");
    }
}
