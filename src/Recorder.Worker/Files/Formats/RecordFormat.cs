using Recorder.Worker.Files.Matroska;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.Files.TransportStream;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Formats;

/// <summary>What is done to a record's file by the way it is packed: looked into while it grows, made final, or kept as
/// it was written.</summary>
internal static class RecordFormat
{
    /// <summary>True when the growing file holds its first encoded picture.</summary>
    public static bool HoldsPicture(string path, FileContainer container)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var start = new byte[Math.Min(file.Length, FirstPicture.Window)];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return FirstPicture.IsIn(container, start.AsMemory(0, length));
    }

    /// <summary>
    /// Makes a file final whose writer is gone, whether it ended the stream or died. Null: nothing playable is in it.
    /// Blocks its thread.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="container">How it is packed.</param>
    /// <param name="minimumFreeBytes">What must stay free on its disk: a file whose copy would take that room is kept
    /// as it was written, as <see cref="Keep"/> does.</param>
    /// <exception cref="IOException">The file cannot be read or no room is left; it is as it was.</exception>
    public static FileSummary? Repair(string path, FileContainer container, long minimumFreeBytes)
    {
        RemoveCopy(path);
        return container switch
        {
            FileContainer.Mp4 => Mp4Finaliser.Finalise(path, minimumFreeBytes),
            FileContainer.Ts => TransportStreamFile.Trim(path),
            FileContainer.Mkv or FileContainer.Webm => MatroskaRepair.Repair(path, container, minimumFreeBytes),
            _ => throw new ArgumentOutOfRangeException(nameof(container), container, "Not a container of records."),
        };
    }

    /// <summary>
    /// What is in a file that cannot be repaired: it stays as it was written, without the incomplete end where one must
    /// be cut off. Needs no room on the disk. Null: nothing playable is in it, or it cannot be read. Blocks its thread.
    /// </summary>
    public static FileSummary? Keep(string path, FileContainer container)
    {
        try
        {
            RemoveCopy(path);
            return container switch
            {
                FileContainer.Mp4 => Mp4Finaliser.Trim(path),
                FileContainer.Ts => TransportStreamFile.Trim(path),
                FileContainer.Mkv or FileContainer.Webm => MatroskaFile.Describe(path),
                _ => throw new ArgumentOutOfRangeException(nameof(container), container, "Not a container of records."),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }

    // A worker that died while it copied has left what it had.
    private static void RemoveCopy(string path)
    {
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(RecordFile.CopyOf(path));
        }
    }
}
