using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Picture;

/// <summary>
/// <c>recorder poster</c>: makes one picture of a finished record, as a JPEG of at most 1280 pixels in width and
/// height. A damaged file may crash a decoder, so this runs in a process of its own.
/// </summary>
public static class Poster
{
    private const string Shown =
        "video/x-raw,format=RGB,width=[2,1280],height=[2,1280],pixel-aspect-ratio=1/1";

    private const int Quality = 80;

    /// <summary>The picture that is shown, in nanoseconds from the record's beginning. A page has mostly appeared by
    /// then.</summary>
    private const ulong ShownAt = 3_000_000_000;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Makes the picture. A record shorter than three seconds shows its first picture.</summary>
    /// <param name="record">The path of the record.</param>
    /// <param name="picture">The path of the new picture.</param>
    /// <returns>0 when the picture is made, 1 when the record shows none, 2 when the picture cannot be made.</returns>
    public static int Make(string record, string picture)
    {
        try
        {
            Application.Init();
            if ((Take(record, ShownAt) ?? Take(record, 0)) is not { } jpeg)
            {
                return 1;
            }
            File.WriteAllBytes(picture, jpeg);
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or GStreamerException)
        {
            Console.Error.WriteLine(error.Message);
            return 2;
        }
    }

    private static byte[]? Take(string record, ulong from)
    {
        byte[]? jpeg = null;
        using Pipeline pipeline = new();
        using var source = ElementFactory.Make("filesrc");
        using var decoder = ElementFactory.Make("decodebin");
        using var convert = ElementFactory.Make("videoconvert");
        using var scale = ElementFactory.Make("videoscale");
        using var filter = ElementFactory.Make("capsfilter");
        using var encoder = ElementFactory.Make("jpegenc");
        using var sink = ElementFactory.MakeSink("fakesink");
        using var shown = Caps.FromString(Shown);
        using var raw = Caps.FromString("video/x-raw");
        source.SetProperty("location", record);
        filter.SetProperty("caps", shown);
        encoder.SetProperty("quality", Quality);
        encoder.SetEnum("idct-method", "islow");
        pipeline.Add(source, decoder, convert, scale, filter, encoder, sink);
        source.Link(decoder);
        convert.Link(scale);
        scale.Link(filter);
        filter.Link(encoder);
        encoder.Link(sink);
        using var into = convert.GetStaticPad("sink");
        using var end = sink.GetStaticPad("sink");
        using var added = decoder.OnPadAdded(pad =>
        {
            using var caps = pad.GetCurrentCaps();
            if (caps?.CanIntersect(raw) == true && !into.IsLinked)
            {
                pad.Link(into);
            }
        });
        into.AddProbe(
            PadProbeType.Buffer,
            info => jpeg is null && info.Buffer.Pts >= from ? PadProbeReturn.Ok : PadProbeReturn.Drop
        );
        end.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                jpeg ??= info.Buffer.ToArray();
                return PadProbeReturn.Ok;
            }
        );
        _ = pipeline.SetState(State.Playing);
        try
        {
            for (var waited = TimeSpan.Zero; waited < Limit && jpeg is null; waited += Look)
            {
                switch (pipeline.Bus.TimedPopFiltered(Look, MessageType.Error | MessageType.Eos))
                {
                    case { Type: MessageType.Eos }:
                        return jpeg;
                    case { Type: MessageType.Error, Text: var text } when jpeg is null:
                        throw new GStreamerException($"{record} shows no picture: {text}");
                }
            }
        }
        finally
        {
            _ = pipeline.SetState(State.Null);
        }
        return jpeg;
    }
}
