using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>GStreamer as a whole.</summary>
internal static unsafe class Application
{
    /// <summary>Loads GStreamer and its registry. May be called again; later calls do nothing.</summary>
    /// <exception cref="GStreamerException">GStreamer could not be initialised.</exception>
    /// <exception cref="DllNotFoundException">GStreamer is not installed.</exception>
    public static void Init()
    {
        if (Native.gst_init_check(0, 0, out var error) == 0)
        {
            var reason =
                error == 0 ? "no reason given" : Marshal.PtrToStringUTF8(((Native.GError*)error)->Message) ?? "";
            throw new GStreamerException($"GStreamer could not be initialised: {reason}");
        }
    }
}

/// <summary>GStreamer refused a call. Errors that arrive on a bus are messages instead.</summary>
internal sealed class GStreamerException(string message) : Exception(message);
