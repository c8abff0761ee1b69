using System.Text.Json;

namespace Recorder.Cluster.Leases;

/// <summary>
/// What a node keeps of its farm in its data folder: the farm's id, and the node's newest epoch. By these the node
/// notices a database of another farm, and a database that is older than the node's last start.
/// </summary>
/// <param name="folder">The data folder, which exists and is writable.</param>
internal sealed class LeaseFile(string folder)
{
    /// <summary>The file, with its path.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, "farm.json");

    /// <summary>What was kept; null when nothing was, or when the file cannot be read as such.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public KeptLease? Read()
    {
        try
        {
            return File.Exists(Path) ? JsonSerializer.Deserialize<KeptLease>(File.ReadAllText(Path)) : null;
        }
        catch (JsonException)
        {
            // A disk that was full leaves such a file. What it kept only guards against mistakes.
            return null;
        }
    }

    /// <summary>Keeps it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public void Write(KeptLease kept)
    {
        var next = Path + ".new";
        File.WriteAllText(next, JsonSerializer.Serialize(kept));
        File.Move(next, Path, overwrite: true);
    }
}

/// <summary>What a node keeps of its farm.</summary>
/// <param name="Farm">The farm's id.</param>
/// <param name="Node">The node's id.</param>
/// <param name="Epoch">The node's newest epoch.</param>
internal sealed record KeptLease(string Farm, string Node, long Epoch);
