using System.IO.Pipelines;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Library;

/// <summary>The bytes of an answer.</summary>
internal interface IMediaSource
{
    /// <summary>Writes a part of the file.</summary>
    /// <param name="range">The part.</param>
    /// <param name="body">Takes the bytes.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">The rest cannot be read.</exception>
    Task CopyAsync(ByteRange range, PipeWriter body, CancellationToken aborted);
}

/// <summary>A file of a record on the node that holds it. Some parts are asked for ahead of what the caller has taken;
/// more is never held.</summary>
/// <param name="file">The file.</param>
/// <param name="ask">Names the file.</param>
/// <param name="name">The file, for a person.</param>
/// <param name="edge">The way to the node.</param>
internal sealed class RecordSource(RecordFileFound file, ReadRecordFile ask, string name, EdgeClient edge)
    : IMediaSource
{
    /// <summary>The shortest part that is worth a way of its own.</summary>
    private const long LeastStreamed = 1 << 20;

    /// <summary>How many parts are asked for at once.</summary>
    private const int Ahead = 4;

    /// <summary>Reads a small part of the file.</summary>
    /// <param name="from">The first byte.</param>
    /// <param name="count">The number of bytes; fewer are read at the end of the file only.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">The part cannot be read.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(long from, int count, CancellationToken aborted)
    {
        using var read = new MemoryStream(count);
        var length = Math.Min(count, file.Size - from);
        if (length > 0)
        {
            await CopyPartsAsync(new ByteRange(from, length), PipeWriter.Create(read), aborted);
        }
        return read.GetBuffer().AsMemory(0, (int)read.Length);
    }

    /// <inheritdoc/>
    public async Task CopyAsync(ByteRange range, PipeWriter body, CancellationToken aborted)
    {
        while (range.Length > 0)
        {
            var part = range with { Length = Math.Min(range.Length, RecordSeal.MostBytes) };
            var streamed = part.Length >= LeastStreamed && !ask.Growing ? await StreamAsync(part, body, aborted) : 0;
            if (streamed < part.Length)
            {
                await CopyPartsAsync(new ByteRange(part.From + streamed, part.Length - streamed), body, aborted);
            }
            range = new ByteRange(part.End, range.End - part.End);
        }
    }

    /// <summary>Writes as much of a part as comes straight from the node.</summary>
    /// <returns>How many bytes were written.</returns>
    private async Task<long> StreamAsync(ByteRange range, PipeWriter body, CancellationToken aborted)
    {
        var named = ask with { Offset = range.From, Mark = file.Mark };
        if (
            await edge.AskAsync(new OpenRecordWay(file.Node, named, range.Length, name), aborted)
                is not RecordWayFound { Way: var way }
            || await edge.ConnectAsync(file.Node, way, aborted) is not { } opened
        )
        {
            return 0;
        }
        return await StreamedBytes.CopyAsync(opened, range.Length, body, edge.Clock, aborted);
    }

    private async Task CopyPartsAsync(ByteRange range, PipeWriter body, CancellationToken aborted)
    {
        var asked = new Queue<Task<EdgeReply>>();
        for (var (next, at) = (range.From, range.From); at < range.End;)
        {
            while (asked.Count < Ahead && next < range.End)
            {
                var length = (int)Math.Min(RecordFiles.ChunkBytes, range.End - next);
                asked.Enqueue(
                    edge.AskAsync(
                        new GetRecordPart(
                            file.Node,
                            ask with
                            {
                                Offset = next,
                                Length = length,
                                Mark = file.Mark,
                            },
                            name
                        ),
                        aborted
                    )
                );
                next += length;
            }
            switch (await asked.Dequeue())
            {
                case RecordPartFound { Bytes: var bytes }
                    when bytes.Length == Math.Min(RecordFiles.ChunkBytes, range.End - at):
                    await body.WriteAsync(bytes, aborted);
                    at += bytes.Length;
                    break;
                case EdgeRefusal refusal:
                    throw new RefusedException(refusal);
                default:
                    throw new RefusedException(
                        new EdgeRefusal(
                            Cluster.Sessions.Model.FaultCode.Unavailable,
                            $"The {name} became shorter while it was read; try again."
                        )
                    );
            }
        }
    }
}
