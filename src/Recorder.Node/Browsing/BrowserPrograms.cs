using System.Text;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>
/// The programs that a browser finds by name. The only one is <c>xdg-settings</c>, which answers Chromium's question
/// whether Chromium itself opens an address such as <c>zoommtg:</c>. When the answer is yes, Chromium drops the address
/// silently (<c>ExternalProtocolHandler</c>). Otherwise Chromium shows the dialog "Open xdg-open?", which no preference
/// prevents, or starts the host's program for <c>mailto:</c>.
/// </summary>
/// <remarks>
/// The program is the system's shell under the name <c>xdg-settings</c>. Chromium calls <c>xdg-settings check
/// default-url-scheme-handler zoommtg …</c>. A shell takes its first argument as a script in the working folder, and a
/// browser's working folder is the run directory. No file there has to be executable, which a container's /tmp often
/// forbids.
/// </remarks>
internal static class BrowserPrograms
{
    private const string Folder = "programs";
    private const string Settings = "xdg-settings";
    private const string Shell = "/bin/sh";
    private const string Script = "check";
    private const string Yes = "echo yes\n";

    /// <summary>Makes the folder and the script in a run directory, or finds the existing ones, and returns the
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
