using Microsoft.Win32.SafeHandles;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Matroska;

/// <summary>
/// Gives a Matroska or WebM file without an end its duration and cues. A file of <see cref="MatroskaWriter"/> has room
/// for both. The streams of a file that GStreamer wrote are copied into a new file, which replaces the old file in one
/// step.
/// </summary>
internal static class MatroskaRepair
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Repairs a file. A final file stays unchanged, and so does a file that needs a copy without the room for
    /// a copy. Null: the file holds nothing playable.</summary>
    /// <param name="path">The file.</param>
    /// <param name="container">Matroska or WebM.</param>
    /// <param name="minimumFreeBytes">Number of bytes that the copy must leave free on the disk.</param>
    /// <exception cref="IOException">The file cannot be read, or there is no room for the copy; the file is
    /// unchanged.</exception>
    public static FileSummary? Repair(string path, FileContainer container, long minimumFreeBytes)
    {
        using (
            var file = File.OpenHandle(
                path,
                FileMode.Open,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete
            )
        )
        {
            var content = MatroskaFile.Read(file);
            if (!content.HoldsMedia)
            {
                return null;
            }

            if (MatroskaHead.Find(file, container) is { } head)
            {
                return Finish(file, head, content);
            }
        }

        if (!RecordFile.HasRoomForCopy(path, minimumFreeBytes))
        {
            return MatroskaFile.Describe(path);
        }

        return RepairByCopy(path, container);
    }

    private static FileSummary Finish(SafeFileHandle file, MatroskaHead head, MatroskaFile content)
    {
        if (!content.IsFinal)
        {
            RandomAccess.SetLength(file, content.End);
            if (content.Frames == 0)
            {
                // The writer may have died between the description of the picture and the first picture.
                RandomAccess.Write(file, MatroskaHead.NoTrack(), head.Picture);
            }

            _ = MatroskaTail.Write(file, head, content.Clusters, content.End, content.Milliseconds);
            RandomAccess.FlushToDisk(file);
        }

        return new FileSummary(content.Milliseconds / 1000, RandomAccess.GetLength(file), content.Frames);
    }

    private static FileSummary? RepairByCopy(string path, FileContainer container)
    {
        var temporary = RecordFile.CopyOf(path);
        try
        {
            (var seconds, var frames, var any) = Copy(path, temporary, container);
            if (!any)
            {
                File.Delete(temporary);
                return null;
            }

            using (var copy = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite))
            {
                RandomAccess.FlushToDisk(copy);
            }

            File.Move(temporary, path, overwrite: true);
            return new FileSummary(seconds, RecordFile.Length(path), frames);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static (double Seconds, long Frames, bool Any) Copy(string path, string target, FileContainer container)
    {
        using Pipeline pipeline = new();
        using var source = ElementFactory.Make("filesrc");
        using var demuxer = ElementFactory.Make("matroskademux");
        using var muxer = Muxer.Make(container);
        using var sink = ElementFactory.MakeSink("filesink");
        source.SetProperty("location", path);
        sink.SetProperty("location", target);
        pipeline.Add(source, demuxer, muxer, sink);
        source.Link(demuxer);
        muxer.Link(sink);

        // The demuxer finds all tracks before the first buffer, the pictures first, as they were written. A record may
        // have no sound.
        List<Element> queues = [];
        long frames = 0;
        long bytes = 0;
        long end = 0;
        using var subscription = demuxer.OnPadAdded(pad =>
        {
            var isPicture = pad.Name.StartsWith("video", StringComparison.Ordinal);
            var queue = Queue(pipeline, muxer, isPicture ? "video_%u" : "audio_%u");
            queues.Add(queue);
            using var sink = queue.GetStaticPad("sink");
            sink.AddProbe(
                PadProbeType.Buffer,
                info =>
                {
                    Interlocked.Add(ref frames, isPicture ? 1 : 0);
                    Interlocked.Add(ref bytes, info.Size);
                    var buffer = info.Buffer;
                    if (buffer.Pts != GStreamer.Buffer.ClockTimeNone)
                    {
                        var length = buffer.Duration == GStreamer.Buffer.ClockTimeNone ? 0 : buffer.Duration;
                        RaiseTo(ref end, (long)(buffer.Pts + length));
                    }

                    return PadProbeReturn.Ok;
                }
            );
            _ = queue.SyncStateWithParent();
            pad.Link(sink);
        });
        try
        {
            _ = pipeline.SetState(State.Playing);
            WaitForEnd(pipeline, path, subscription, () => Interlocked.Read(ref bytes));
        }
        finally
        {
            _ = pipeline.SetState(State.Null);
            queues.ForEach(queue => queue.Dispose());
        }

        return (end / 1e9, frames, bytes > 0);
    }

    // Each track's buffers come on a thread of their own.
    private static void RaiseTo(ref long highest, long value)
    {
        var before = Interlocked.Read(ref highest);
        while (value > before && Interlocked.CompareExchange(ref highest, value, before) is var now && now != before)
        {
            before = now;
        }
    }

    private static Element Queue(Pipeline pipeline, Element muxer, string pad)
    {
        // Wide enough for any distance at which a muxer of the recorder writes the two tracks.
        var queue = ElementFactory.Make("queue");
        queue.SetProperty("max-size-buffers", 0);
        queue.SetProperty("max-size-bytes", 256 << 20);
        queue.SetProperty("max-size-time", 0);
        pipeline.Add(queue);
        queue.LinkPads("src", muxer, pad);
        return queue;
    }

    private static void WaitForEnd(
        Pipeline pipeline,
        string path,
        PadAddedSubscription subscription,
        Func<long> progress
    )
    {
        long before = -1;
        for (var idle = TimeSpan.Zero; idle < Patience; idle += Turn)
        {
            var message = pipeline.Bus.TimedPopFiltered(Turn, MessageType.Error | MessageType.Eos);
            if (subscription.Failure is { } failure)
            {
                throw new IOException($"{path} cannot be repaired: {failure.Message}", failure);
            }
            if (message is { Type: MessageType.Eos })
            {
                return;
            }

            if (message is not null)
            {
                throw new IOException($"{path} cannot be repaired: {message.Text}");
            }

            if (progress() != before)
            {
                (before, idle) = (progress(), TimeSpan.Zero);
            }
        }

        throw new IOException($"{path} cannot be repaired: nothing moved for {Patience.TotalSeconds:0} s.");
    }
}
