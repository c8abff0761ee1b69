using Recorder.Node.Browsing;
using Recorder.Node.Configuration;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Hosting;

/// <summary>
/// Checks whether the programs, libraries and GStreamer plugins that sessions need are installed. The check looks for
/// files, because loading GStreamer to ask for plugins takes longer than the rest of the start.
/// </summary>
internal static class Prerequisites
{
    private static readonly string[] LibraryFolders =
    [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
        "/usr/lib",
        "/usr/local/lib",
    ];

    private static readonly string[] Programs =
    [
        "Xvfb",
        "xrandr",
        "pulseaudio",
        "setsid",
        "setpriv",
        "choom",
        "prlimit",
        "unshare",
        "nice",
    ];

    private static readonly string[] Libraries =
    [
        "libgstreamer-1.0.so.0",
        "libgstapp-1.0.so.0",
        "libyuv.so.0",
        "libpulse.so.0",
        "libxcb.so.1",
        "libxcb-damage.so.0",
        "libxcb-xfixes.so.0",
    ];

    /// <summary>GStreamer's plugins by the file that contains them, with the elements in use.</summary>
    private static readonly (string Plugin, string Elements)[] Plugins =
    [
        ("libgstcoreelements.so", "queue, tee, capsfilter, filesrc and filesink"),
        ("libgstapp.so", "appsrc"),
        ("libgstx264.so", "x264enc"),
        ("libgstvoaacenc.so", "voaacenc"),
        ("libgstvideoparsersbad.so", "h264parse"),
        ("libgstaudioparsers.so", "aacparse"),
        ("libgstisomp4.so", "mp4mux"),
        ("libgstmpegtsmux.so", "mpegtsmux"),
        ("libgstmatroska.so", "matroskamux and matroskademux"),
    ];

    /// <summary>Checks the needs of a node's sessions with the given options.</summary>
    /// <returns>Sentences for the log about problems that do not keep the node from starting.</returns>
    /// <exception cref="StartRefusedException">Something is missing, or an option names a proxy or a file that cannot
    /// be used.</exception>
    public static IReadOnlyList<string> Check(MediaOptions media)
    {
        _ = BrowserNetwork.Read(media, Environment.GetEnvironmentVariable, out var problems, out var warnings);
        if (problems.Count > 0)
        {
            throw new StartRefusedException([.. problems]);
        }
        var browser = media.BrowserExecutable.Length > 0 ? media.BrowserExecutable : "chromium";
        Check([browser, .. Programs], Libraries);
        return warnings;
    }

    /// <summary>Checks everything and reports all missing parts at once.</summary>
    /// <param name="programs">Programs: names to look up in the path, or absolute paths.</param>
    /// <param name="libraries">Shared libraries by file name.</param>
    /// <exception cref="StartRefusedException">Something is missing.</exception>
    public static void Check(IEnumerable<string> programs, IEnumerable<string> libraries)
    {
        var missing = programs
            .Where(program => ProgramPath.Find(program) is null)
            .Select(program => $"the program {program}")
            .Concat(
                libraries
                    .Where(library => !LibraryFolders.Any(folder => File.Exists(Path.Combine(folder, library))))
                    .Select(library => $"the library {library}")
            )
            .Concat(
                Plugins
                    .Where(plugin =>
                        !LibraryFolders.Any(folder => File.Exists(Path.Combine(folder, "gstreamer-1.0", plugin.Plugin)))
                    )
                    .Select(plugin => $"GStreamer's {plugin.Elements}")
            )
            .ToList();
        if (missing.Count > 0)
        {
            throw new StartRefusedException([
                .. missing.Select(what =>
                    $"Not installed: {what}. Run deploy/install-dependencies, which installs it."
                ),
            ]);
        }
    }
}
