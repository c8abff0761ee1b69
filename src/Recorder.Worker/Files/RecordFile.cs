using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Files.Matroska;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.Files.TransportStream;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files;

/// <summary>The file of a record over its life: reserved, growing, finalised or repaired.</summary>
internal static class RecordFile
{
    /// <summary>Makes the empty file, so that its name is taken and the folder is known to be writable.</summary>
    /// <exception cref="IOException">The folder is missing, or the file exists already.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    public static void Reserve(string path)
    {
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
    }

    /// <summary>
    /// What is in a file that cannot be repaired: it stays as it was written, without the incomplete end where one must be cut off. Needs no room
    /// on the disk. Null: nothing playable is in it, or it cannot be read. Blocks its thread.
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

    /// <summary>
    /// True when there is no file of that name: it was removed or moved, by itself or with its folder. Its writer goes on writing into a file without a name.
    /// False when that cannot be told.
    /// </summary>
    public static bool IsGone(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
            return false;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>What is told of a record that <see cref="IsGone"/>.</summary>
    public static string Gone(string path, long session) =>
        $"The record {path} of session {session} was removed or moved away while it was written; what it held is lost. Leave records alone until they are finished.";

    /// <summary>Whether a second copy of the file may be written beside it without taking the room that other records are to be ended in.</summary>
    /// <param name="path">The file.</param>
    /// <param name="minimumFreeBytes">What must stay free.</param>
    public static bool HasRoomForCopy(string path, long minimumFreeBytes) => FreeBytes(path) - Length(path) >= minimumFreeBytes;

    /// <summary>Where a copy of the record is written before it takes the record's name.</summary>
    public static string CopyOf(string path) => path + ".finalising";

    // A worker that died while it copied has left what it had.
    private static void RemoveCopy(string path)
    {
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(CopyOf(path));
        }
    }

    /// <summary>Bytes on disk; 0 when there is no file.</summary>
    public static long Length(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? file.Length : 0;
    }

    /// <summary>Bytes that may still be written in the record's folder; the largest number when that cannot be told.</summary>
    public static long FreeBytes(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>True when the growing file holds its first encoded picture.</summary>
    public static bool HoldsPicture(string path, FileContainer container)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] start = new byte[Math.Min(file.Length, FirstPicture.Window)];
        int length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return FirstPicture.IsIn(container, start.AsMemory(0, length));
    }

    /// <summary>Waits until what was written is on the disk itself, so that the record outlives a power cut. Blocks its thread.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Flush(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>How long a record may take to become final: a disk that writes less than this is one that hangs.</summary>
    /// <param name="bytes">Its length.</param>
    public static TimeSpan FinaliseLimit(long bytes)
    {
        const double bytesPerSecond = 10e6;
        return TimeSpan.FromSeconds(10 + (bytes / bytesPerSecond));
    }

    /// <summary>The sentence about a record that took longer.</summary>
    public static string NotFinalised(string path, long session) =>
        $"The record {path} of session {session} was not finalised in time; its disk does not answer. Repair it once it does.";

    /// <summary>
    /// Makes a file final whose writer is gone, whether it ended the stream or died. Null: nothing playable is in it. Blocks its thread.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="container">How it is packed.</param>
    /// <param name="minimumFreeBytes">What must stay free on its disk: a file whose copy would take that room is kept as it was written, as <see cref="Keep"/> does.</param>
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
}
