using System.Text;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>
/// The programs that a browser finds by name: one, <c>xdg-settings</c>, which answers Chromium's question whether it
/// opens an address such as <c>zoommtg:</c> itself. Told yes, Chromium drops the address without a word
/// (<c>ExternalProtocolHandler</c>); else it shows the dialog "Open xdg-open?", which no preference keeps away, or
/// starts the host's program for <c>mailto:</c>.
/// </summary>
/// <remarks>
/// The program is the system's shell under that name. Chromium calls <c>xdg-settings check default-url-scheme-handler
/// zoommtg …</c>, and a shell takes its first argument for a script in the working folder, which for a browser is the
/// run directory. So nothing there has to be run, which a container's /tmp often forbids.
/// </remarks>
internal static class BrowserPrograms
{
    private const string Folder = "programs";
    private const string Settings = "xdg-settings";
    private const string Shell = "/bin/sh";
    private const string Script = "check";
    private const string Yes = "echo yes\n";

    /// <summary>Makes the folder and the script in a run directory, or finds those made before, and gives back the
    /// browser's search path.</summary>
    public static string Create(RunDirectory run)
    {
        if (!File.Exists(run.PathOf(Script)))
        {
            run.WriteFile(Script, Encoding.ASCII.GetBytes(Yes));
        }
        return run.CreateFolder(Folder, new RunFile(Settings, []) { LinkTo = Shell });
    }
}
