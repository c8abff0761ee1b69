using System.Runtime.InteropServices;

namespace Recorder.Worker.Native;

/// <summary>
/// The X protocol through xcb, limited to what damage and the pointer need. Xlib is no alternative: Xlib ends the
/// process when the server goes away.
/// </summary>
internal static unsafe partial class Xcb
{
    internal const byte DamageReportRawRectangles = 0;

    private const string Core = "libxcb.so.1";
    private const string Damage = "libxcb-damage.so.0";
    private const string Fixes = "libxcb-xfixes.so.0";

    /// <summary>The number of the extension's first event, or -1 when the server lacks the DAMAGE extension.</summary>
    internal static int DamageFirstEvent(nint connection)
    {
        var library = NativeLibrary.Load(Damage);
        var reply = (byte*)xcb_get_extension_data(connection, NativeLibrary.GetExport(library, "xcb_damage_id"));
        return reply == null || reply[8] == 0 ? -1 : reply[10];
    }

    /// <summary>The root window of the first screen.</summary>
    internal static uint RootWindow(nint connection) =>
        *(uint*)xcb_setup_roots_iterator(xcb_get_setup(connection)).Data;

    [LibraryImport(Core, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint xcb_connect(string display, int* screen);

    [LibraryImport(Core)]
    internal static partial void xcb_disconnect(nint connection);

    [LibraryImport(Core)]
    internal static partial int xcb_connection_has_error(nint connection);

    [LibraryImport(Core)]
    internal static partial int xcb_get_file_descriptor(nint connection);

    [LibraryImport(Core)]
    internal static partial int xcb_flush(nint connection);

    [LibraryImport(Core)]
    internal static partial uint xcb_generate_id(nint connection);

    [LibraryImport(Core)]
    internal static partial nint xcb_poll_for_event(nint connection);

    [LibraryImport(Damage)]
    internal static partial uint xcb_damage_query_version(nint connection, uint major, uint minor);

    [LibraryImport(Damage)]
    internal static partial nint xcb_damage_query_version_reply(nint connection, uint cookie, nint error);

    [LibraryImport(Damage)]
    internal static partial uint xcb_damage_create(nint connection, uint damage, uint drawable, byte level);

    [LibraryImport(Damage)]
    internal static partial uint xcb_damage_subtract(nint connection, uint damage, uint repair, uint parts);

    [LibraryImport(Fixes)]
    internal static partial uint xcb_xfixes_query_version(nint connection, uint major, uint minor);

    [LibraryImport(Fixes)]
    internal static partial nint xcb_xfixes_query_version_reply(nint connection, uint cookie, nint error);

    [LibraryImport(Fixes)]
    internal static partial uint xcb_xfixes_hide_cursor(nint connection, uint window);

    [LibraryImport(Core)]
    private static partial nint xcb_get_setup(nint connection);

    [LibraryImport(Core)]
    private static partial nint xcb_get_extension_data(nint connection, nint extension);

    [LibraryImport(Core)]
    private static partial ScreenIterator xcb_setup_roots_iterator(nint setup);

    [StructLayout(LayoutKind.Sequential)]
    private struct ScreenIterator
    {
        internal nint Data;
        internal int Remaining;
        internal int Index;
    }
}
