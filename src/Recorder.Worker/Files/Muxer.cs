using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files;

/// <summary>The elements that pack encoded media into a growing file.</summary>
internal static class Muxer
{
    /// <summary>Length of a fragment of a growing MP4, in milliseconds. A kill -9 may lose that much.</summary>
    public const int FragmentMilliseconds = 200;

    private const long PageNanoseconds = FragmentMilliseconds * 1_000_000L;

    // A fragment holds a single frame then. A start waits for the first picture on the disk.
    private const int FirstFragmentMilliseconds = 1;

    // Packets of 188 bytes that mpegtsmux hands over at a time. One at a time, each packet would cost a system call.
    private const int PacketsAtATime = 64;

    /// <summary>The muxer of a growing record.</summary>
    public static Element Make(FileContainer container)
    {
        switch (container)
        {
            case FileContainer.Mp4 or FileContainer.M4a:
                var mp4 = ElementFactory.Make("mp4mux");
                mp4.SetProperty("fragment-duration", FirstFragmentMilliseconds);
                return mp4;
            case FileContainer.Ts:
                var ts = ElementFactory.Make("mpegtsmux");
                ts.SetProperty("alignment", PacketsAtATime);
                return ts;
            case FileContainer.Mkv:
                return ElementFactory.Make("matroskamux");
            case FileContainer.Webm:
                return ElementFactory.Make("webmmux");
            case FileContainer.Ogg:
                var ogg = ElementFactory.Make("oggmux");
                ogg.SetProperty("max-delay", PageNanoseconds);
                ogg.SetProperty("max-page-delay", PageNanoseconds);
                return ogg;
            default:
                throw new InvalidOperationException($"There is no muxer for {container}.");
        }
    }

    /// <summary>Gives fragments their usual length, from the next fragment on. Until then each fragment has a single
    /// frame, so that the first picture is on the disk as early as can be. From any thread.</summary>
    /// <param name="muxer">A muxer of this container.</param>
    /// <param name="container">The container.</param>
    public static void Lengthen(Element muxer, FileContainer container)
    {
        if (container is FileContainer.Mp4 or FileContainer.M4a)
        {
            muxer.SetProperty("fragment-duration", FragmentMilliseconds);
        }
    }
}
