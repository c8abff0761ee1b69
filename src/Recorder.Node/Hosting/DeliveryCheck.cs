using Recorder.Node.Configuration;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Command;

namespace Recorder.Node.Hosting;

/// <summary>Checks the options of deliveries before a node starts.</summary>
internal static class DeliveryCheck
{
    /// <summary>
    /// Checks the command. A command that is missing or cannot be executed does not keep the node from starting. The
    /// command may be on a disk that comes later, and the records matter more. Its deliveries report the problem and
    /// are tried again.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <returns>Sentences for the log.</returns>
    /// <exception cref="StartRefusedException">The path is not absolute.</exception>
    public static IReadOnlyList<string> Check(DeliveryOptions options)
    {
        if (options.Command.Length == 0)
        {
            return [];
        }
        if (!Path.IsPathRooted(options.Command))
        {
            throw new StartRefusedException(
                $"Delivery:Command is \"{options.Command}\", which is no absolute path. Give the whole path of an executable file; arguments belong into Delivery:CommandArguments."
            );
        }

        return CommandFile.Problem(options.Command) is { } problem
            ? [$"{problem} Until then no record of this node is delivered."]
            : [];
    }
}
