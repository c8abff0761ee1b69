using System.Collections.Immutable;
using Recorder.Worker.Files.Matroska;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.Files.SoundAlone;
using Recorder.Worker.Files.TransportStream;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Formats;

/// <summary>The operations on a record's file that depend on its container: look into a growing file, make a file
/// final, keep a file as written.</summary>
internal static class RecordFormat
{
    /// <summary>True when the growing file holds its first encoded picture.</summary>
    /// <exception cref="InvalidDataException">The file contradicts itself.</exception>
    public static bool HoldsPicture(string path, FileContainer container)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var start = new byte[Math.Min(file.Length, FirstPicture.Window)];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return Read(path, () => FirstPicture.IsIn(container, start.AsMemory(0, length)));
    }

    /// <summary>True when the growing file of sound alone holds sound that plays.</summary>
    /// <exception cref="InvalidDataException">The file contradicts itself.</exception>
    public static bool HoldsSound(string path, FileContainer container) =>
        Read(
            path,
            () =>
            {
                using var file = File.OpenHandle(
                    path,
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete
                );
                return container switch
                {
                    FileContainer.M4a => FragmentedMovie.Read(file) is { HoldsMedia: true },
                    FileContainer.Ogg => OggFile.Read(file) is { Samples: > 0 },
                    FileContainer.Mp3 => Mp3File.Read(file) is { Samples: > 0 },
                    FileContainer.Flac => FlacFile.Read(file) is { Samples: > 0 },
                    _ => throw NoContainer(container),
                };
            }
        );

    /// <summary>
    /// Makes a file final whose writer is gone, whether the writer ended the stream or died. Null: the file holds
    /// nothing playable. Blocks its thread.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="container">The file's container.</param>
    /// <param name="minimumFreeBytes">Number of bytes that must stay free on the disk. If a copy of the file would
    /// leave fewer, the file is kept as it was written, as <see cref="Keep"/> does.</param>
    /// <param name="chapters">The chapters of the file, in any order; null: none.</param>
    /// <exception cref="IOException">The file cannot be read or no room is left; the file is unchanged.</exception>
    /// <exception cref="InvalidDataException">The file contradicts itself; the file is unchanged.</exception>
    public static FileSummary? Repair(
        string path,
        FileContainer container,
        long minimumFreeBytes,
        ImmutableList<RecordChapter>? chapters = null
    )
    {
        chapters ??= [];
        RemoveCopy(path);
        var summary = Read(
            path,
            () =>
                container switch
                {
                    FileContainer.Mp4 or FileContainer.M4a => Mp4Finaliser.Finalise(
                        path,
                        minimumFreeBytes,
                        chapters
                    ),
                    FileContainer.Ts => TransportStreamFile.Trim(path),
                    FileContainer.Mkv or FileContainer.Webm => MatroskaRepair.Repair(path, container, minimumFreeBytes),
                    FileContainer.Ogg => OggFile.Trim(path),
                    FileContainer.Mp3 => Mp3File.Trim(path),
                    FileContainer.Flac => FlacFile.Trim(path),
                    _ => throw NoContainer(container),
                }
        );
        return summary is null ? null : AddChapters(path, container, summary, chapters);
    }

    /// <summary>Puts chapters into a final Matroska or WebM file. An MP4 gets its chapters while it is made final.
    /// Other files have none. Blocks its thread.</summary>
    /// <param name="path">The file.</param>
    /// <param name="container">The file's container.</param>
    /// <param name="summary">The content of the file.</param>
    /// <param name="chapters">The chapters, in any order.</param>
    /// <exception cref="IOException">The file cannot be read or written; the file plays as before.</exception>
    public static FileSummary AddChapters(
        string path,
        FileContainer container,
        FileSummary summary,
        ImmutableList<RecordChapter> chapters
    )
    {
        if (chapters.IsEmpty || container is not (FileContainer.Mkv or FileContainer.Webm))
        {
            return summary;
        }
        var inOrder = RecordChapter.InOrder(chapters, summary.Duration);
        return Read(path, () => MatroskaChapters.Write(path, inOrder))
            ? summary with
            {
                Bytes = RecordFile.Length(path),
            }
            : summary;
    }

    /// <summary>
    /// Tells the content of a file that cannot be repaired. The file stays as it was written, except that an incomplete
    /// end is cut off where the container requires it. Needs no free space on the disk. Null: the file holds nothing
    /// playable, or cannot be read. Blocks its thread.
    /// </summary>
    public static FileSummary? Keep(string path, FileContainer container)
    {
        try
        {
            RemoveCopy(path);
            return Read(
                path,
                () =>
                    container switch
                    {
                        FileContainer.Mp4 or FileContainer.M4a => Mp4Finaliser.Trim(path),
                        FileContainer.Ts => TransportStreamFile.Trim(path),
                        FileContainer.Mkv or FileContainer.Webm => MatroskaFile.Describe(path),
                        FileContainer.Ogg => OggFile.Trim(path),
                        FileContainer.Mp3 => Mp3File.Trim(path),
                        FileContainer.Flac => FlacFile.Trim(path),
                        _ => throw NoContainer(container),
                    }
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }

    private static NotSupportedException NoContainer(FileContainer container) =>
        new($"{container} is not a container of records.");

    /// <summary>Reads a file whose lengths and counts nobody vouches for: a disk may have changed them. A length beyond
    /// the file, or beyond any number, is a fault of the file, and not of this program.</summary>
    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error)
            when (error is IndexOutOfRangeException or ArgumentException or OverflowException or DivideByZeroException)
        {
            throw new InvalidDataException($"{path} contradicts itself: a length or a number in it cannot be.", error);
        }
    }

    // A worker that died while it copied the file has left an unfinished copy.
    private static void RemoveCopy(string path)
    {
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(RecordFile.CopyOf(path));
        }
    }
}
