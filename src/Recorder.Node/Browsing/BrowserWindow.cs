using System.Globalization;

using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>
/// The browser's window. Chromium makes a window that is asked for at the display's own size one pixel smaller in both directions
/// (<c>AdjustSizeForDisplay</c> in its X11 window, a kindness towards window managers that would take it for a full screen), which here leaves
/// a black line at the right and the bottom, and makes a page scale every full-screen video. There is no window manager to mend it.
/// </summary>
internal static class BrowserWindow
{
    private const int Tries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Makes the browser's window fill its display. To be called once the browser takes commands, before it shows the page.</summary>
    /// <param name="launcher">Starts the tool.</param>
    /// <param name="run">The attempt's directory.</param>
    /// <param name="display">The display.</param>
    /// <param name="width">The display's width in pixels.</param>
    /// <param name="height">The display's height in pixels.</param>
    /// <exception cref="ProcessStartException">There is no window, or the tool is missing.</exception>
    public static async Task FillAsync(ProcessLauncher launcher, RunDirectory run, DisplayReady display, int width, int height)
    {
        for (var left = Tries - 1; ; left--)
        {
            try
            {
                await ToolProcess.RunAsync(
                    launcher,
                    run,
                    "xdotool",
                    [
                        "search", "--sync", "--maxdepth", "1", "--onlyvisible", "--class", ".",
                        "windowsize", "%@", width.ToString(CultureInfo.InvariantCulture), height.ToString(CultureInfo.InvariantCulture),
                    ],
                    ProcessEnvironment.Minimal.SetItem("DISPLAY", display.Display).SetItem("XAUTHORITY", display.AuthorityFile)).ConfigureAwait(false);
                return;
            }
            catch (ProcessStartException) when (left > 0)
            {
                // Windows come and go while a browser starts; one that goes between the search's steps fails it (BadWindow).
                await Task.Delay(Pause).ConfigureAwait(false);
            }
        }
    }
}
