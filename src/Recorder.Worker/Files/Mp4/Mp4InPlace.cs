using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Native;

namespace Recorder.Worker.Files.Mp4;

/// <summary>
/// Finalises a fragmented MP4 without copying its media data: the file system inserts blocks at the front (ext4 and XFS
/// can, fallocate(2), <c>FALLOC_FL_INSERT_RANGE</c>), the index goes there, and everything that was in the file becomes
/// one <c>mdat</c>. However long the record, it takes no second copy's time and room.
/// </summary>
/// <remarks>
/// The first block is written last, so that a file is at any moment one of three: fragmented, with zeros before the
/// fragments (<see cref="Undo"/> takes them away), or final.
/// </remarks>
internal static class Mp4InPlace
{
    // What ext4 and XFS use on every usual machine; another size is refused by the kernel, and the copy is made.
    private const int BlockLength = 4096;

    // An index of more than a week.
    private const long LongestHead = 1L << 30;

    /// <summary>Puts the index before the data. False: the file system cannot, and the file is as it was.</summary>
    /// <exception cref="IOException">The index could not be written; the file is as it was.</exception>
    public static bool TryFinalise(SafeFileHandle file, FragmentedMovie movie)
    {
        var head = ProgressiveMovie.HeadInPlace(movie, BlockLength);
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

    /// <summary>Takes the unfinished head away that a worker left when it died at the wrong moment.</summary>
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
