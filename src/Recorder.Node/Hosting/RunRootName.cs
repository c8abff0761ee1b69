using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Recorder.Node.Processes;

namespace Recorder.Node.Hosting;

/// <summary>
/// The run root of a node that was given none: in the folder for temporary files, by a name that nobody can guess and
/// so nobody can take before. The name stands in the data folder: the node's next life must find what this one left
/// behind.
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
        if (
            System.IO.File.Exists(file)
            && System.IO.File.ReadAllText(file).Trim() is { } known
            && Written().IsMatch(known)
        )
        {
            // After a restart of the host the folder is gone, and its name was there for all to see.
            var path = Path.Combine(temporary, known);
            if (Posix.OwnerOf(path) is not { } owner || owner == Posix.EffectiveUser())
            {
                return path;
            }
        }

        var name = "recorder-" + RandomNumberGenerator.GetHexString(12, lowercase: true);
        System.IO.File.WriteAllText(file, name + "\n");
        return Path.Combine(temporary, name);
    }

    /// <summary>
    /// The run root that a version before this one may have left behind, by a name made of the data folder's. Null:
    /// there is none, this version has run here before, or another user has put something there, since everybody could
    /// know the name.
    /// </summary>
    /// <param name="dataFolder">The node's data folder.</param>
    /// <param name="temporary">The folder for temporary files.</param>
    public static string? LeftByAnEarlierVersion(string dataFolder, string temporary)
    {
        if (System.IO.File.Exists(Path.Combine(dataFolder, File)))
        {
            return null;
        }
        var path = Path.Combine(
            temporary,
            "recorder-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..8]
        );
        return
            Directory.Exists(path)
            && new DirectoryInfo(path).LinkTarget is null
            && Posix.OwnerOf(path) == Posix.EffectiveUser()
            ? path
            : null;
    }

    [GeneratedRegex("^recorder-[0-9a-f]{12}$")]
    private static partial Regex Written();
}
