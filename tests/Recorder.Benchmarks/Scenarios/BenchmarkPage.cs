using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>A page to record and what is to be reached on it.</summary>
/// <param name="Name">As given on the command line.</param>
/// <param name="Address">Where the page server has it.</param>
/// <param name="Region">Where in the picture frame numbers, flash and beep are measured; null for a page without
/// them.</param>
/// <param name="CpuAgainstJibri">Whole session's CPU, product ÷ Jibri, at most.</param>
/// <param name="CpuAgainstLiveKit">Whole session's CPU, product ÷ LiveKit, at most.</param>
internal sealed record BenchmarkPage(
    string Name,
    Func<ReferencePageServer, Uri> Address,
    PictureRegion? Region,
    double CpuAgainstJibri,
    double CpuAgainstLiveKit
)
{
    /// <summary>A 1080p25 video with its sound, full screen.</summary>
    public static BenchmarkPage Reference { get; } =
        new("reference", server => server.Reference, PictureRegion.Whole, 0.85, 0.75);

    /// <summary>CSS animations without pause.</summary>
    public static BenchmarkPage Animated { get; } = new("animated", server => server.Animated, null, 0.70, 0.65);

    /// <summary>Three participants of a meeting, all in the page, so that most of the work is the page's own.</summary>
    public static BenchmarkPage WebRtc { get; } =
        new("webrtc", server => server.WebRtc(peers: 3), PictureRegion.GridTile(0), 0.95, 0.88);

    /// <summary>All, in the order of the report.</summary>
    public static IReadOnlyList<BenchmarkPage> All { get; } = [Reference, Animated, WebRtc];

    /// <summary>Frames after which the page's numbers begin anew.</summary>
    public int LoopFrames(ReferenceClipFormat clip) => this == Reference ? clip.FrameCount : FrameBarcode.Modulus;
}
