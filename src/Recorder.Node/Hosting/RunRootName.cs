using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Recorder.Node.Processes;

namespace Recorder.Node.Hosting;

/// <summary>
/// The run root of a node without a configured one. The folder lies in the folder for temporary files. Nobody can guess
/// its name, so nobody can create the folder in advance. The name is kept in the data folder, because the node's next
/// life must find what this life left behind.
/// </summary>
internal static partial class RunRootName
{
    private const string File = "run-root";

    /// <summary>The path of the run root. The path is short, because paths of sockets are limited.</summary>
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
            // After a restart of the host, the folder is gone, and everybody could have seen its name.
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
    /// The run root that an earlier version may have left behind, under a name derived from the data folder's path.
    /// Null when there is none, or when this version has run here before. Null also when the folder belongs to another
    /// user, because everybody could know the name.
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
