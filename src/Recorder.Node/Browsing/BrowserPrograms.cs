using System.Text;

using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>
/// The programs that a browser finds by name: one, which answers Chromium's question whether it opens an address such as <c>zoommtg:</c> itself. Told
/// yes, Chromium drops the address without a word (<c>ExternalProtocolHandler</c>); else it shows the dialog "Open xdg-open?", which no preference keeps away,
/// or starts the host's program for <c>mailto:</c>.
/// </summary>
internal static class BrowserPrograms
{
    private const string Folder = "programs";
    private const string Settings = "xdg-settings";
    private const string Yes = "#!/bin/sh\necho yes\n";

    /// <summary>Makes the folder in a run directory, or finds the one made before, and gives back the browser's search path.</summary>
    public static string Create(RunDirectory run) => run.CreateFolder(Folder, new RunFile(Settings, Encoding.ASCII.GetBytes(Yes), Runs: true));
}
