using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Native;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Mp4;

/// <summary>
/// Finalises a fragmented MP4 without a copy of its media data. The file system inserts blocks at the front (ext4 and
/// XFS can, fallocate(2), <c>FALLOC_FL_INSERT_RANGE</c>). The index goes into these blocks, and the old content of the
/// file becomes one <c>mdat</c>. Whatever the record's length, this saves the time and the space of a second copy.
/// </summary>
/// <remarks>
/// The first block is written last. So at any moment the file is fragmented, or has zeros before the fragments, or is
/// final. <see cref="Undo"/> removes such zeros.
/// </remarks>
internal static class Mp4InPlace
{
    // The block size of ext4 and XFS on every usual machine. With another block size, the kernel refuses, and a copy is
    // made.
    private const int BlockLength = 4096;

    // Longer than the index of a week's record.
    private const long LongestHead = 1L << 30;

    /// <summary>Puts the index before the data. False: the file system cannot insert blocks, and the file's fragments
    /// are unchanged.</summary>
    /// <exception cref="IOException">The index could not be written; the file is unchanged.</exception>
    public static bool TryFinalise(
        SafeFileHandle file,
        FragmentedMovie movie,
        IReadOnlyList<RecordChapter> chapters
    )
    {
        var head = ProgressiveMovie.HeadInPlace(movie, BlockLength, chapters);
        RandomAccess.SetLength(file, movie.WholeLength);
        if (!Libc.InsertRange(file, head.Length))
        {
            return false;
        }

        try
        {
            RandomAccess.Write(file, head.AsSpan(BlockLength), BlockLength);
            RandomAccess.FlushToDisk(file);
            RandomAccess.Write(file, head.AsSpan(0, BlockLength), 0);
            RandomAccess.FlushToDisk(file);
            return true;
        }
        catch (IOException)
        {
            Undo(file);
            throw;
        }
    }

    /// <summary>Removes the unfinished head of a worker that died while it wrote the head.</summary>
    public static void Undo(SafeFileHandle file)
    {
        Span<byte> start = stackalloc byte[8];
        long inserted = 0;
        while (
            inserted < LongestHead
            && RandomAccess.Read(file, start, inserted) == start.Length
            && !start[4..].SequenceEqual("ftyp"u8)
        )
        {
            if (inserted == 0 && start.ContainsAnyExcept((byte)0))
            {
                return;
            }

            inserted += BlockLength;
        }

        if (inserted > 0 && inserted < LongestHead && start[4..].SequenceEqual("ftyp"u8))
        {
            _ = Libc.CollapseRange(file, inserted);
        }
    }
}
