using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>The page in which one peer sees and hears another, 640x360 at 25 frames/s, recorded for 11 s.</summary>
public sealed class WebRtcPageRecording(PagesFixture fixture) : PageRecording(fixture)
{
    public override int LoopFrames => FrameBarcode.Modulus;

    protected override Uri PageOf(ReferencePageServer pages) => pages.WebRtc(2, 640, 360, Framerate);
}

/// <summary>What must hold for the record of a meeting.</summary>
[Collection(RealNodes.Name)]
public sealed class WebRtcPageTests(WebRtcPageRecording recording, ITestOutputHelper output)
    : RecordedPageTests(recording, output),
        IClassFixture<WebRtcPageRecording>
{
    // The call itself drops and repeats frames: its camera, its jitter buffer and the display run on three clocks (0.74
    // when this was written).
    protected override double LeastDistinctFrames => 0.6;

    // The call's own jitter buffers part sound from picture by 100 ms and more until its reports have come; what the
    // recorder adds is measured on the reference page.
    protected override double GreatestOffset => 250;

    // The jitter buffer is at its length, and the encoder at its bit rate, after the call's first seconds.
    protected override TimeSpan Settling => TimeSpan.FromSeconds(2);
}
