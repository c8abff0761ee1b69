namespace Recorder.Worker.Files;

/// <summary>The file of a record in any container: its name, its length, the free space around it. Code for one
/// container is in <c>Formats</c>.</summary>
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
    /// True when no file has that name: the file was removed or moved, by itself or with its folder. The writer then
    /// goes on writing into a file without a name. False when the answer is not known.
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

    /// <summary>The sentence about a record that <see cref="IsGone"/>.</summary>
    public static string Gone(string path, long session) =>
        $"The record {path} of session {session} was removed or moved away while it was written; what it held is lost. Leave records alone until they are finished.";

    /// <summary>Whether a second copy of the file may be written beside the file. The copy must not take the space in
    /// which other records have to be ended.</summary>
    /// <param name="path">The file.</param>
    /// <param name="minimumFreeBytes">Number of bytes that must stay free.</param>
    public static bool HasRoomForCopy(string path, long minimumFreeBytes) =>
        FreeBytes(path) - Length(path) >= minimumFreeBytes;

    /// <summary>The path of a record's copy, before the copy takes the record's name.</summary>
    public static string CopyOf(string path) => path + ".finalising";

    /// <summary>Bytes on disk; 0 when there is no file.</summary>
    public static long Length(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? file.Length : 0;
    }

    /// <summary>Free bytes in the record's folder; the largest number when the free space is not known.</summary>
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

    /// <summary>Waits until all written data is on the disk itself, so that the record outlives a power cut. Blocks its
    /// thread.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Flush(string path)
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>How long a record may take to become final. A disk that writes more slowly than this counts as
    /// hanging.</summary>
    /// <param name="bytes">The record's length.</param>
    public static TimeSpan FinaliseLimit(long bytes)
    {
        const double bytesPerSecond = 10e6;
        return TimeSpan.FromSeconds(10 + (bytes / bytesPerSecond));
    }

    /// <summary>The sentence about a record that took longer than <see cref="FinaliseLimit"/>.</summary>
    public static string NotFinalised(string path, long session) =>
        $"The record {path} of session {session} was not finalised in time; its disk does not answer. Repair it once it does.";
}
