using System.Text.Json;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>What a later attempt needs to go on with an unfinished transfer: a small file in the node's data
/// folder. Without this file, a transfer begins anew.</summary>
internal static class StateFile
{
    /// <summary>Reads a state; null when there is none, or none that can be read.</summary>
    /// <typeparam name="T">The form of the state.</typeparam>
    /// <param name="path">The file.</param>
    public static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), TransferJson.Options);
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a state, whole or not at all.</summary>
    /// <typeparam name="T">The form of the state.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="state">The state.</param>
    public static void Write<T>(string path, T state)
        where T : class
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var next = path + ".next";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(state, TransferJson.Options));
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Marks a state as that of a delivery that was given up: the next transfer to the destination takes away
    /// what is left there. Nothing happens without a state.</summary>
    /// <param name="path">The file.</param>
    public static void GiveUp(string path) => Date(path, DateTime.UnixEpoch);

    /// <summary>Marks a state as that of a delivery that goes on, also after it was given up.</summary>
    /// <param name="path">The file.</param>
    /// <param name="now">The time.</param>
    public static void Resume(string path, DateTime now) => Date(path, now);

    private static void Date(string path, DateTime at)
    {
        try
        {
            if (File.Exists(path))
            {
                File.SetLastWriteTimeUtc(path, at);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The age of the state tells the same later.
        }
    }

    /// <summary>The states of a destination whose deliveries were given up, and those that no transfer has written for
    /// a while, since a node may have missed that a delivery was given up.</summary>
    /// <param name="path">The file of the state of one transfer to the destination. The states of other transfers
    /// stand beside it, under names that begin alike up to the last hyphen.</param>
    /// <param name="before">Older states count.</param>
    public static IEnumerable<string> Older(string path, DateTime before)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(path)!);
        var own = Path.GetFileName(path);
        var stem = own[..(own.LastIndexOf('-') + 1)];
        return folder.Exists && stem.Length > 0
            ? folder
                .EnumerateFiles(stem + "*.json")
                .Where(file => file.Name.LastIndexOf('-') + 1 == stem.Length && file.LastWriteTimeUtc < before)
                .Select(file => file.FullName)
                .Where(other => other != path)
                .ToList()
            : [];
    }
}
