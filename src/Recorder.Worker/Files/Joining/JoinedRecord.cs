namespace Recorder.Worker.Files.Joining;

/// <summary>Reads a part of a file.</summary>
/// <param name="from">The first byte, from 0.</param>
/// <param name="count">The number of bytes. Fewer are read only at the end of the file.</param>
public delegate Task<ReadOnlyMemory<byte>> ReadFile(long from, int count);

/// <summary>A finished record that is joined with others. Its media data stay where they are.</summary>
/// <param name="Name">The record, for a person.</param>
/// <param name="Chapter">The title of the chapter that begins with the record.</param>
/// <param name="Length">The length of the file in bytes.</param>
/// <param name="Read">Reads the file.</param>
public sealed record JoinedRecord(string Name, string Chapter, long Length, ReadFile Read);

/// <summary>A part of a joined file: bytes of its own, or a part of a record.</summary>
/// <param name="Own">The bytes; empty for a part of a record.</param>
/// <param name="Record">Index of the record in the order of joining.</param>
/// <param name="From">The part's first byte in the record's file.</param>
/// <param name="Length">The number of bytes.</param>
public sealed record JoinedPiece(ReadOnlyMemory<byte> Own, int Record, long From, long Length);

/// <summary>One file that plays several records one after the other, without encoding.</summary>
/// <param name="Pieces">The parts of the file, in their order.</param>
/// <param name="Duration">The playing time.</param>
public sealed record JoinedFile(IReadOnlyList<JoinedPiece> Pieces, TimeSpan Duration)
{
    /// <summary>The length of the file in bytes.</summary>
    public long Length => Pieces.Sum(piece => piece.Length);
}

/// <summary>Records cannot be one file. The message is a sentence that says which record differs, and in
/// what.</summary>
public sealed class NotJoinableException(string message) : Exception(message);
