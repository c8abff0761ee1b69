using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Native;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Mp4;

/// <summary>
/// Turns a fragmented MP4 into a progressive, fast-start MP4: the same samples behind an index at the front. Where the
/// file system can, the index is put before the data, which stay where they are (<see cref="Mp4InPlace"/>). Otherwise a
/// copy is written beside the file and moved over the file in one step. The file of a dead worker works as well: an
/// incomplete fragment at the end is left out.
/// </summary>
/// <remarks>
/// <c>qtdemux ! mp4mux</c> is no alternative. The two elements can wait for each other for ever, because each demuxed
/// track has to flow at the muxer's pace. The first try ended in such a deadlock. The fast start of mp4mux also writes
/// all media data twice.
/// </remarks>
internal static class Mp4Finaliser
{
    /// <summary>
    /// Finalises a file. A final file stays unchanged, and a file without room for its copy stays fragmented. Null: the
    /// file holds nothing playable.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="minimumFreeBytes">Number of bytes that a copy must leave free on the disk.</param>
    /// <param name="chapters">The chapters, in any order. A file that stays fragmented gets none.</param>
    /// <exception cref="IOException">The file cannot be read, or there is no room for the copy; the file is
    /// unchanged.</exception>
    public static FileSummary? Finalise(
        string path,
        long minimumFreeBytes,
        IReadOnlyList<RecordChapter> chapters
    )
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        Mp4InPlace.Undo(file);
        var movie = FragmentedMovie.Read(file);
        if (movie is not { HoldsMedia: true })
        {
            return FinishedMovie.Describe(file);
        }

        chapters = RecordChapter.InOrder(chapters, movie.Seconds);
        if (Mp4InPlace.TryFinalise(file, movie, chapters))
        {
            return new FileSummary(movie.Seconds, RandomAccess.GetLength(file), movie.Frames);
        }

        if (!RecordFile.HasRoomForCopy(path, minimumFreeBytes))
        {
            return Trim(file, movie);
        }

        var temporary = RecordFile.CopyOf(path);
        try
        {
            var bytes = Write(file, movie, chapters, temporary);
            File.Move(temporary, path, overwrite: true);
            return new FileSummary(movie.Seconds, bytes, movie.Frames);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Leaves a file fragmented and cuts an incomplete fragment off its end, which needs no free space. Null:
    /// nothing playable.</summary>
    /// <exception cref="IOException">The file cannot be read or shortened.</exception>
    public static FileSummary? Trim(string path)
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        Mp4InPlace.Undo(file);
        var movie = FragmentedMovie.Read(file);
        if (movie is not { HoldsMedia: true })
        {
            return FinishedMovie.Describe(file);
        }

        return Trim(file, movie);
    }

    private static FileSummary Trim(SafeFileHandle file, FragmentedMovie movie)
    {
        RandomAccess.SetLength(file, movie.WholeLength);
        return new FileSummary(movie.Seconds, movie.WholeLength, movie.Frames);
    }

    private static long Write(
        SafeFileHandle file,
        FragmentedMovie movie,
        IReadOnlyList<RecordChapter> chapters,
        string temporary
    )
    {
        var head = ProgressiveMovie.Head(movie, chapters);
        using var target = File.OpenHandle(
            temporary,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            FileOptions.None,
            head.Length + movie.MediaLength
        );
        RandomAccess.Write(target, head, 0);
        long position = head.Length;
        foreach (var chunk in movie.Chunks)
        {
            Copy(file, chunk.Offset, target, position, chunk.Length);
            position += chunk.Length;
        }

        // The rename must not reach the disk before the content.
        RandomAccess.FlushToDisk(target);
        return position;
    }

    private static unsafe void Copy(SafeFileHandle source, long from, SafeFileHandle target, long to, long length)
    {
        while (length > 0)
        {
            var copied = Libc.copy_file_range(
                (int)source.DangerousGetHandle(),
                &from,
                (int)target.DangerousGetHandle(),
                &to,
                (ulong)length,
                0
            );
            if (copied == 0)
            {
                throw new EndOfStreamException("The record became shorter while it was finalised.");
            }

            if (copied < 0)
            {
                CopyThroughMemory(source, from, target, to, length);
                return;
            }

            length -= copied;
        }
    }

    // Some file systems cannot copy files by themselves. A real error, such as a full disk, happens here again and
    // gives the right exception.
    private static void CopyThroughMemory(SafeFileHandle source, long from, SafeFileHandle target, long to, long length)
    {
        var block = new byte[1 << 20];
        while (length > 0)
        {
            var count = RandomAccess.Read(source, block.AsSpan(0, (int)Math.Min(length, block.Length)), from);
            if (count == 0)
            {
                throw new EndOfStreamException("The record became shorter while it was finalised.");
            }

            RandomAccess.Write(target, block.AsSpan(0, count), to);
            from += count;
            to += count;
            length -= count;
        }
    }
}
