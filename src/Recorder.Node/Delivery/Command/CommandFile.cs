using Recorder.Node.Processes;

namespace Recorder.Node.Delivery.Command;

/// <summary>The file of the delivery command.</summary>
internal static class CommandFile
{
    /// <summary>Why the command cannot be run, as one sentence with the way out; null when the command can be run.
    /// Reads the disk.</summary>
    /// <param name="path">The absolute path of the command.</param>
    public static string? Problem(string path)
    {
        if (Directory.Exists(path))
        {
            return $"The delivery command {path} is a folder; set Delivery:Command to an executable file.";
        }
        if (!File.Exists(path))
        {
            return $"The delivery command {path} is missing; put it there, or set Delivery:Command to another file.";
        }
        return Posix.UserMayExecute(path)
            ? null
            : $"The delivery command {path} may not be executed by the node's user; make it executable (chmod +x {path}), on a disk that allows programs.";
    }
}
