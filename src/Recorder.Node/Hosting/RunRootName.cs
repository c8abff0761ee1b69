using System.Security.Cryptography;
using System.Text.RegularExpressions;

using Recorder.Node.Processes;

namespace Recorder.Node.Hosting;

/// <summary>
/// The run root of a node that was given none: in the folder for temporary files, by a name that nobody can guess and so nobody can take before. The name
/// stands in the data folder: the node's next life must find what this one left behind.
/// </summary>
internal static partial class RunRootName
{
    private const string File = "run-root";

    /// <summary>The path. It is short: paths of sockets are limited.</summary>
    /// <param name="dataFolder">The node's data folder, which nobody else writes to.</param>
    /// <param name="temporary">The folder for temporary files.</param>
    public static string For(string dataFolder, string temporary)
    {
        var file = Path.Combine(dataFolder, File);
        if (System.IO.File.Exists(file) && System.IO.File.ReadAllText(file).Trim() is { } known && Written().IsMatch(known))
        {
            // After a restart of the host the folder is gone, and its name was there for all to see.
            var path = Path.Combine(temporary, known);
            if (Posix.OwnerOf(path) is not { } owner || owner == Posix.EffectiveUser())
                return path;
        }

        var name = "recorder-" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        System.IO.File.WriteAllText(file, name + "\n");
        return Path.Combine(temporary, name);
    }

    [GeneratedRegex("^recorder-[0-9a-f]{12}$")]
    private static partial Regex Written();
}
