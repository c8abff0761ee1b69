using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Tests.GStreamer;

[Trait("ring", "media")]
public class BindingTests
{
    public BindingTests() => Application.Init();

    [Fact]
    public void An_element_that_no_plugin_has_is_an_error_that_names_it() =>
        Assert.Contains(
            "nosuchelement",
            Assert.Throws<GStreamerException>(() => ElementFactory.Make("nosuchelement")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_property_that_does_not_exist_is_an_error_that_names_it()
    {
        using var element = ElementFactory.Make("fakesink");

        Assert.Contains(
            "colour",
            Assert.Throws<GStreamerException>(() => element.SetProperty("colour", 1)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Text_that_is_not_caps_is_refused() =>
        Assert.Throws<GStreamerException>(() => Caps.FromString("video/x-raw,width=wide,,"));

    [Fact]
    public void A_path_is_taken_literally_whatever_it_contains()
    {
        var path = Path.Combine(Path.GetTempPath(), $"a \" ! filesink location=b {Guid.NewGuid():N}");
        using Pipeline pipeline = new();
        using AppSrc source = new();
        using var sink = ElementFactory.Make("filesink");
        sink.SetProperty("location", path);
        pipeline.Add(source, sink);
        source.Link(sink);
        pipeline.SetState(State.Playing);
        source.EndOfStream();

        Assert.Equal(
            MessageType.Eos,
            pipeline.Bus.TimedPopFiltered(TimeSpan.FromSeconds(10), MessageType.Eos | MessageType.Error)?.Type
        );
        pipeline.SetState(State.Null);
        Assert.True(File.Exists(path));
        File.Delete(path);
    }

    [Fact]
    public void Buffers_pass_a_probe_with_their_times_and_sizes_and_an_error_arrives_on_the_bus()
    {
        using Pipeline pipeline = new();
        using AppSrc source = new();
        using var sink = ElementFactory.Make("filesink");
        sink.SetProperty("location", "/dev/full");
        sink.SetEnum("buffer-mode", "unbuffered");
        source.SetEnum("format", "time");
        pipeline.Add(source, sink);
        source.Link(sink);
        List<(ulong Pts, long Size)> seen = [];
        using var pad = sink.GetStaticPad("sink");
        pad.AddProbe(
            PadProbeType.Buffer,
            info =>
            {
                seen.Add((info.Buffer.Pts, info.Size));
                return PadProbeReturn.Ok;
            }
        );
        var buffer = Recorder.Worker.GStreamer.Buffer.NewAllocate(5);
        buffer.Fill(0, "hello"u8);
        buffer.Pts = 40_000_000;
        pipeline.SetState(State.Playing);
        Assert.Equal(FlowReturn.Ok, source.PushBuffer(buffer));
        var message = pipeline.Bus.TimedPopFiltered(TimeSpan.FromSeconds(10), MessageType.Error);
        pipeline.SetState(State.Null);

        Assert.Equal([(40_000_000UL, 5L)], seen);
        Assert.Equal(("gst-resource-error-quark", 14), (message?.Domain, message?.Code));
    }
}
