using Recorder.Worker.Files.Joining;

namespace Recorder.Http.Library;

/// <summary>Several records as one file: the joined file's own bytes, and parts of the records from the nodes that hold
/// them.</summary>
/// <param name="file">The parts of the joined file.</param>
/// <param name="records">Read the records, in the order of joining.</param>
internal sealed class JoinedSource(JoinedFile file, IReadOnlyList<RecordSource> records) : IMediaSource
{
    /// <inheritdoc/>
    public async Task CopyAsync(ByteRange range, Stream body, CancellationToken aborted)
    {
        var at = 0L;
        foreach (var piece in file.Pieces)
        {
            var from = Math.Max(range.From, at);
            var length = Math.Min(range.End, at + piece.Length) - from;
            if (length > 0 && piece.Record < 0)
            {
                await body.WriteAsync(piece.Own.Slice((int)(from - at), (int)length), aborted);
            }
            else if (length > 0)
            {
                await records[piece.Record].CopyAsync(new ByteRange(piece.From + from - at, length), body, aborted);
            }
            at += piece.Length;
        }
    }
}
