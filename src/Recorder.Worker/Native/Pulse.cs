using System.Runtime.InteropServices;

namespace Recorder.Worker.Native;

/// <summary>
/// libpulse's own asynchronous API on a main loop that the caller turns. libpulse-simple is no alternative: its read
/// has no time limit, and a daemon that hangs must not stop the sound's timeline.
/// </summary>
internal static unsafe partial class Pulse
{
    internal const int SampleS16Le = 3;
    internal const int ContextReady = 4;
    internal const int ContextFailed = 5;
    internal const int StreamReady = 2;
    internal const int StreamFailed = 3;

    /// <summary>PA_CONTEXT_NOAUTOSPAWN: another part starts the session's daemon.</summary>
    internal const int ContextNoAutoSpawn = 1;

    internal const int StreamInterpolateTiming = 0x2;
    internal const int StreamAutoTimingUpdate = 0x8;
    internal const int StreamAdjustLatency = 0x2000;

    private const string Lib = "libpulse.so.0";

    internal static string Error(int code) => Marshal.PtrToStringUTF8(pa_strerror(code)) ?? "unknown error";

    [LibraryImport(Lib)]
    internal static partial nint pa_mainloop_new();

    [LibraryImport(Lib)]
    internal static partial void pa_mainloop_free(nint mainloop);

    [LibraryImport(Lib)]
    internal static partial nint pa_mainloop_get_api(nint mainloop);

    [LibraryImport(Lib)]
    internal static partial int pa_mainloop_prepare(nint mainloop, int microseconds);

    [LibraryImport(Lib)]
    internal static partial int pa_mainloop_poll(nint mainloop);

    [LibraryImport(Lib)]
    internal static partial void pa_mainloop_wakeup(nint mainloop);

    [LibraryImport(Lib)]
    internal static partial int pa_mainloop_dispatch(nint mainloop);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint pa_context_new(nint api, string name);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int pa_context_connect(nint context, string server, int flags, nint spawn);

    [LibraryImport(Lib)]
    internal static partial void pa_context_disconnect(nint context);

    [LibraryImport(Lib)]
    internal static partial void pa_context_unref(nint context);

    [LibraryImport(Lib)]
    internal static partial int pa_context_get_state(nint context);

    [LibraryImport(Lib)]
    internal static partial int pa_context_errno(nint context);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint pa_stream_new(nint context, string name, SampleSpec* format, nint channels);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int pa_stream_connect_record(
        nint stream,
        string device,
        BufferAttributes* attributes,
        int flags
    );

    [LibraryImport(Lib)]
    internal static partial int pa_stream_disconnect(nint stream);

    [LibraryImport(Lib)]
    internal static partial void pa_stream_unref(nint stream);

    [LibraryImport(Lib)]
    internal static partial int pa_stream_get_state(nint stream);

    [LibraryImport(Lib)]
    internal static partial nuint pa_stream_readable_size(nint stream);

    [LibraryImport(Lib)]
    internal static partial int pa_stream_peek(nint stream, out byte* data, out nuint size);

    [LibraryImport(Lib)]
    internal static partial int pa_stream_drop(nint stream);

    [LibraryImport(Lib)]
    internal static partial int pa_stream_get_latency(nint stream, out ulong microseconds, out int negative);

    [LibraryImport(Lib)]
    private static partial nint pa_strerror(int code);

    [StructLayout(LayoutKind.Sequential)]
    internal struct SampleSpec
    {
        internal int Format;
        internal uint Rate;
        internal byte Channels;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct BufferAttributes
    {
        internal uint MaximumLength;
        internal uint TargetLength;
        internal uint PreBuffering;
        internal uint MinimumRequest;
        internal uint FragmentSize;
    }
}
