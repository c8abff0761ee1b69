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

/// <summary>One encoded frame, lent for the length of a call: who keeps its content takes a <see cref="Buffer.Copy"/>
/// of the buffer.</summary>
/// <param name="Track">Its track.</param>
/// <param name="Buffer">Content; its times are nanoseconds since the beginning of the timeline, the same for both
/// tracks.</param>
/// <param name="Caps">The format of its track, with the decoder's configuration.</param>
internal readonly record struct EncodedFrame(EncodedTrack Track, Buffer Buffer, Caps Caps);

/// <summary>Takes the encoded frames beside the record: a stream target, HLS.</summary>
internal interface IEncodedOutput
{
    /// <summary>Called on an encoder's thread, for the two tracks at the same time: it must not wait and must not
    /// throw.</summary>
    void Take(in EncodedFrame frame);
}

/// <summary>
/// Hands what the encoders make to any number of outputs that come and go. Each output queues for itself, so that none
/// can hold the encoders up.
/// </summary>
internal sealed class EncodedFanOut : IDisposable
{
    private readonly Lock _changing = new();
    private readonly List<Track> _tracks = [];
    private ImmutableArray<IEncodedOutput> _outputs = [];

    /// <summary>Hands frames to this output too, from the next on.</summary>
    public void Add(IEncodedOutput output)
    {
        lock (_changing)
        {
            _outputs = _outputs.Add(output);
        }
    }

    /// <summary>Hands it no more; a call may still be under way.</summary>
    public void Remove(IEncodedOutput output)
    {
        lock (_changing)
        {
            _outputs = _outputs.Remove(output);
        }
    }

    /// <summary>Listens to what passes a pad behind an encoder. The pad is taken over.</summary>
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

    /// <summary>Lets go of the pads. Only after the pipeline is down.</summary>
    public void Dispose() => _tracks.ForEach(track => track.Dispose());

    private void Distribute(Track track, Buffer encoded)
    {
        var now = _outputs;
        if (now.IsEmpty || track.CurrentCaps() is not { } caps)
        {
            return;
        }

        // x264enc begins 1000 hours late, so that no decoding time is negative; only its segment tells.
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
