using System.CommandLine;
using System.Text.Json;

namespace PushFanout.Cli;

/// <summary>How far a long command is, kept in a file: the same command again goes on from there. What is written is there whole or not at all.</summary>
/// <param name="path">Null: nothing is kept.</param>
internal sealed class Checkpoint<T>(string? path) where T : class
{
    /// <summary>What the file says; null when there is none.</summary>
    /// <exception cref="UsageException">The file is something else.</exception>
    public T? Find()
    {
        if (path is null || !File.Exists(path))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), JsonSerializerOptions.Web) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new UsageException($"{CheckpointOption.Name}: {path} is no checkpoint.");
        }
    }

    public void Write(T state)
    {
        if (path is not null)
        {
            File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(state, JsonSerializerOptions.Web));
            File.Move(path + ".new", path, overwrite: true);
        }
    }

    public void Delete()
    {
        if (path is not null)
        {
            File.Delete(path);
        }
    }

    /// <summary>For a checkpoint that is of something else than what is asked for now.</summary>
    public UsageException Foreign(string why) =>
        new($"{CheckpointOption.Name}: {path} is of something else: {why}. Name the same things again, or delete it to begin anew.");
}

/// <summary>The option that names the file.</summary>
internal static class CheckpointOption
{
    public const string Name = "--checkpoint";

    public static Option<string?> Create() => new(Name)
    {
        Description = "A file to note in how far it is. When the command is stopped or fails, the same command goes on from there; in the end the file is gone.",
        HelpName = "FILE",
    };
}
