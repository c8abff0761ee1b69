using System.IO.Pipelines;
using Recorder.Worker.Files.Joining;

namespace Recorder.Http.Library;

/// <summary>Several records as one file: the joined file's own bytes, and parts of the records from the nodes that hold
/// them.</summary>
/// <param name="file">The parts of the joined file.</param>
/// <param name="records">Read the records, in the order of joining.</param>
internal sealed class JoinedSource(JoinedFile file, IReadOnlyList<RecordSource> records) : IMediaSource
{
    private const int StepBytes = 256 << 10;

    /// <inheritdoc/>
    public async Task CopyAsync(ByteRange range, PipeWriter body, CancellationToken aborted)
    {
        var at = 0L;
        foreach (var piece in file.Pieces)
        {
            var from = Math.Max(range.From, at);
            var length = Math.Min(range.End, at + piece.Length) - from;
            if (length > 0 && piece.Record < 0)
            {
                await WriteAsync(piece.Own.Slice((int)(from - at), (int)length), body, aborted);
            }
            else if (length > 0)
            {
                await records[piece.Record].CopyAsync(new ByteRange(piece.From + from - at, length), body, aborted);
            }
            at += piece.Length;
        }
    }

    /// <summary>Writes step by step, since the whole would be kept once more for each caller.</summary>
    private static async Task WriteAsync(ReadOnlyMemory<byte> bytes, PipeWriter body, CancellationToken aborted)
    {
        for (var rest = bytes; rest.Length > 0; rest = rest[Math.Min(StepBytes, rest.Length)..])
        {
            await body.WriteAsync(rest[..Math.Min(StepBytes, rest.Length)], aborted);
        }
    }
}
