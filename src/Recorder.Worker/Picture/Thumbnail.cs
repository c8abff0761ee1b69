using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Picture;

/// <summary>One picture as a JPEG. The JPEG has the recording's size, but at most 1280 pixels in width and height.
/// Noise of that size takes some 1.2 MB.</summary>
internal static class Thumbnail
{
    private const int LongestSide = 1280;
    private const int Quality = 80;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Encodes a captured frame and releases the frame's reference. Blocks its thread for some
    /// milliseconds.</summary>
    /// <exception cref="GStreamerException">An element is missing, or refuses.</exception>
    public static byte[] Encode(Buffer frame, int width, int height)
    {
        var share = Math.Min(1, (double)LongestSide / Math.Max(width, height));
        var shownWidth = Math.Max(2, (int)(width * share) & ~1);
        var shownHeight = Math.Max(2, (int)(height * share) & ~1);
        byte[]? jpeg = null;
        using Pipeline pipeline = new();
        using AppSrc source = new();
        using var scale = ElementFactory.Make("videoscale");
        using var convert = ElementFactory.Make("videoconvert");
        using var filter = ElementFactory.Make("capsfilter");
        using var encoder = ElementFactory.Make("jpegenc");
        using var sink = ElementFactory.MakeSink("fakesink");
        using var raw = Caps.FromString(
            FormattableString.Invariant(
                $"video/x-raw,format=I420,width={width},height={height},framerate=0/1,pixel-aspect-ratio=1/1,interlace-mode=progressive,colorimetry={PictureColours.Of(height)}"
            )
        );
        // The JPEG encoder gets RGB, because it knows the matrix and the range of a JPEG. videoconvert leaves the range
        // unchanged where the matrix is the same.
        using var shown = Caps.FromString(
            FormattableString.Invariant(
                $"video/x-raw,format=RGB,width={shownWidth},height={shownHeight},pixel-aspect-ratio=1/1"
            )
        );
        source.SetCaps(raw);
        filter.SetProperty("caps", shown);
        encoder.SetProperty("quality", Quality);

        // The default, fast transform makes every picture darker by some levels.
        encoder.SetEnum("idct-method", "islow");
        pipeline.Add(source, scale, convert, filter, encoder, sink);
        source.Link(scale);
        scale.Link(convert);
        convert.Link(filter);
        filter.Link(encoder);
        encoder.Link(sink);
        using var end = sink.GetStaticPad("sink");
        end.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                var content = new byte[info.Size];
                _ = info.Buffer.Extract(0, content);
                jpeg = content;
                return PadProbeReturn.Ok;
            }
        );
        frame.Pts = 0;
        frame.Dts = Buffer.ClockTimeNone;
        frame.Duration = Buffer.ClockTimeNone;
        _ = pipeline.SetState(State.Playing);
        _ = source.PushBuffer(frame);
        _ = source.EndOfStream();
        var message = pipeline.Bus.TimedPopFiltered(Limit, MessageType.Error | MessageType.Eos);
        _ = pipeline.SetState(State.Null);
        return message is { Type: MessageType.Eos } && jpeg is { } made
            ? made
            : throw new GStreamerException(
                $"The picture could not be made a JPEG: {message?.Text ?? "the encoder did not answer"}"
            );
    }
}
