using System.Collections.Immutable;
using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Streams;

/// <summary>The two tracks that leave the encoders.</summary>
internal enum EncodedTrack
{
    /// <summary>H.264, one access unit a frame, <c>avc</c>.</summary>
    Video,

    /// <summary>AAC, raw frames.</summary>
    Audio,
}

/// <summary>One encoded frame, lent for the length of a call. A receiver that keeps the content takes a
/// <see cref="Buffer.Copy"/> of the buffer.</summary>
/// <param name="Track">The frame's track.</param>
/// <param name="Buffer">The content. The buffer's times are nanoseconds since the beginning of the timeline, the same
/// for both tracks.</param>
/// <param name="Caps">The format of the track, with the decoder's configuration.</param>
internal readonly record struct EncodedFrame(EncodedTrack Track, Buffer Buffer, Caps Caps);

/// <summary>An output other than the record that takes encoded frames: a stream target, HLS.</summary>
internal interface IEncodedOutput
{
    /// <summary>Takes a frame. Called on an encoder's thread, for the two tracks at the same time, so the call must
    /// neither wait nor throw.</summary>
    void Take(in EncodedFrame frame);
}

/// <summary>
/// Hands the encoders' frames to any number of outputs that come and go. Each output has a queue of its own, so that no
/// output can hold the encoders up.
/// </summary>
internal sealed class EncodedFanOut : IDisposable
{
    private readonly Lock _changing = new();
    private readonly List<Track> _tracks = [];
    private ImmutableArray<IEncodedOutput> _outputs = [];

    /// <summary>Adds an output, which gets all frames from the next frame on.</summary>
    public void Add(IEncodedOutput output)
    {
        lock (_changing)
        {
            _outputs = _outputs.Add(output);
        }
    }

    /// <summary>Removes an output. A call to the output may still be under way.</summary>
    public void Remove(IEncodedOutput output)
    {
        lock (_changing)
        {
            _outputs = _outputs.Remove(output);
        }
    }

    /// <summary>Distributes the frames that pass a pad behind an encoder. Takes ownership of the pad.</summary>
    public void Watch(EncodedTrack kind, Pad pad)
    {
        Track track = new(kind, pad);
        _tracks.Add(track);
        pad.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                Distribute(track, info.Buffer);
                return PadProbeReturn.Ok;
            }
        );
    }

    /// <summary>Releases the pads. Only after the pipeline has stopped.</summary>
    public void Dispose() => _tracks.ForEach(track => track.Dispose());

    private void Distribute(Track track, Buffer encoded)
    {
        var now = _outputs;
        if (now.IsEmpty || track.CurrentCaps() is not { } caps)
        {
            return;
        }

        // x264enc begins 1000 hours late, so that no decoding time is negative. Only the segment of its pad tells that
        // offset.
        var frame = encoded.Copy();
        frame.Pts = track.Pad.ToRunningTime(encoded.Pts);
        frame.Dts = track.Pad.ToRunningTime(encoded.Dts);
        foreach (var output in now)
        {
            output.Take(new EncodedFrame(track.Kind, frame, caps));
        }

        frame.Unref();
    }

    private sealed record Track(EncodedTrack Kind, Pad Pad) : IDisposable
    {
        private Caps? _caps;

        // The encoders of a worker are set up once: their format never changes.
        public Caps? CurrentCaps() => _caps ??= Pad.GetCurrentCaps();

        public void Dispose()
        {
            _caps?.Dispose();
            Pad.Dispose();
        }
    }
}
