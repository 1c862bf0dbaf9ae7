using System.Diagnostics;
using System.Security.Cryptography;
using PushFanout.TokenCache;

namespace PushFanout.Bench;

/// <summary>Import from a file, and reading the audience back, shard by shard.</summary>
internal static class TokenCacheBench
{
    public static async Task RunAsync(BenchInstallation installation, int tokens)
    {
        var file = Path.Combine(Path.GetTempPath(), $"pushfanout-bench-{Guid.NewGuid():N}.txt");
        try
        {
            WriteTokens(file, tokens);
            await ImportAsync(installation, file, tokens);
            await ReadAsync(installation, tokens);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task ImportAsync(BenchInstallation installation, string file, int tokens)
    {
        var started = Stopwatch.GetTimestamp();
        await using var import = installation.StartImport(file);
        var exitCode = await import.WaitForExitAsync(TimeSpan.FromMinutes(10));
        var elapsed = Stopwatch.GetElapsedTime(started);
        Figures.Expect(exitCode == 0, "the file was imported");
        Figures.Print("import from a file, process and all", $"{elapsed.TotalSeconds:0.0} s", $"{tokens / elapsed.TotalSeconds:N0} devices/s");
    }

    private static async Task ReadAsync(BenchInstallation installation, int tokens)
    {
        var everyone = new AudienceExpression(["all"], [], [], [], []);
        for (var round = 0; round < 3; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var read = 0L;
            for (var shard = 0; shard < 1024; shard += 32)
            {
                read += (await installation.Devices.ReadAsync(BenchInstallation.App, everyone, shard, shard + 32, CancellationToken.None)).Count;
            }
            var elapsed = Stopwatch.GetElapsedTime(started);
            Figures.Print("read an audience", $"{elapsed.TotalSeconds:0.00} s", $"{read / elapsed.TotalSeconds:N0} tokens/s");
            Figures.Expect(read == tokens, "every token was read");
        }
    }

    private static void WriteTokens(string file, int tokens)
    {
        using var writer = new StreamWriter(file);
        Span<byte> token = stackalloc byte[32];
        for (var i = 0; i < tokens; i++)
        {
            SHA256.HashData(BitConverter.GetBytes(i), token);
            writer.WriteLine(Convert.ToHexStringLower(token));
        }
    }
}
