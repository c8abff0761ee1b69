using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Sound;

namespace Recorder.Worker.Loop;

/// <summary>A growing file of sound alone, with an encoder of its own: the record of a session without a picture, or
/// the
/// sound beside a record.</summary>
internal sealed class SoundFile : IOutput, IDisposable
{
    private readonly FileContainer _container;
    private readonly string _path;
    private readonly SoundSettings _settings;
    private readonly OwnedElements _elements = new();
    private readonly AppSrc _source = new("sound-file");
    private Element? _muxer;
    private long _encodedBytes;
    private long _encodedUnits;

    /// <summary>A file that is opened by the pipeline.</summary>
    /// <param name="container">A container of sound.</param>
    /// <param name="path">The file, which has its final name from the start.</param>
    /// <param name="settings">How the sound is encoded.</param>
    public SoundFile(FileContainer container, string path, SoundSettings settings)
    {
        _container = container;
        _path = path;
        _settings = settings;
        _source.SetCaps(SoundFormat.Caps);
        Input = new WholeSound(_source);
    }

    /// <summary>Takes the samples of the file.</summary>
    public ISoundTarget Input { get; }

    /// <summary>Bytes that left the encoder.</summary>
    public long EncodedBytes => Interlocked.Read(ref _encodedBytes);

    /// <summary>Number of pieces that left the encoder.</summary>
    public long EncodedUnits => Interlocked.Read(ref _encodedUnits);

    /// <inheritdoc/>
    public void Attach(Pipeline pipeline, Element videoTee, Element audioTee) => Attach(pipeline);

    /// <summary>Adds the file's elements to a pipeline.</summary>
    /// <exception cref="GStreamerException">An element is missing.</exception>
    public void Attach(Pipeline pipeline)
    {
        var encoder = _elements.Keep(SoundEncoder.For(_container, _settings));
        var sink = _elements.MakeSink("filesink");
        sink.SetProperty("location", _path);
        sink.SetEnum("buffer-mode", "unbuffered");
        pipeline.Add(_source, encoder, sink);
        _source.Link(encoder);
        using (var encoded = encoder.GetStaticPad("src"))
        {
            encoded.AddProbe(
                PadProbeType.Buffer,
                info =>
                {
                    Interlocked.Add(ref _encodedBytes, info.Size);
                    Interlocked.Increment(ref _encodedUnits);
                    return PadProbeReturn.Ok;
                }
            );
        }

        if (_container is FileContainer.Mp3 or FileContainer.Flac)
        {
            // These encoders write files by themselves.
            encoder.Link(sink);
            return;
        }

        _muxer = _elements.Keep(Muxer.Make(_container));
        pipeline.Add(_muxer);
        encoder.LinkPads("src", _muxer, "audio_%u");
        _muxer.Link(sink);
    }

    /// <summary>The first sound is on the disk, so sound no longer has to get there piece by piece. Until this object
    /// is disposed of.</summary>
    public void SoundIsWritten()
    {
        if (_muxer is { } muxer)
        {
            Muxer.Lengthen(muxer, _container);
        }
    }

    /// <summary>Lets go of the elements; the pipeline holds its own references.</summary>
    public void Dispose()
    {
        _elements.Dispose();
        _source.Dispose();
    }
}
