namespace Recorder.Cluster.Sessions.Records;

/// <summary>The bytes of a part of a record as they come. Its owner disposes of the way.</summary>
/// <param name="stream">Brings the bytes in frames of <see cref="RecordSeal.FrameBytes"/>; the last is shorter.</param>
/// <param name="seal">Opens the frames; null: they come as they are.</param>
public sealed class RecordWay(Stream stream, RecordSeal? seal) : IAsyncDisposable
{
    /// <summary>Brings the frames, one directly after the other.</summary>
    public Stream Stream => stream;

    /// <summary>How many bytes come for a frame.</summary>
    /// <param name="length">How many bytes of the record are still to come.</param>
    public int NextFrame(long length) =>
        length <= 0 ? 0 : (int)Math.Min(RecordSeal.FrameBytes, length) + (seal is null ? 0 : RecordSeal.TagBytes);

    /// <summary>How many bytes of the record a frame holds.</summary>
    /// <param name="frame">The length of the frame as it came.</param>
    public int ContentOf(int frame) => Math.Max(0, frame - (seal is null ? 0 : RecordSeal.TagBytes));

    /// <summary>Opens the next frame.</summary>
    /// <param name="frame">The frame as it came.</param>
    /// <param name="into">Takes its content.</param>
    /// <returns>Whether the frame is what the other node has sent.</returns>
    public bool TryOpen(ReadOnlySpan<byte> frame, Span<byte> into)
    {
        if (seal is not null)
        {
            return seal.TryOpen(frame, into);
        }
        frame.CopyTo(into);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        seal?.Dispose();
    }
}
