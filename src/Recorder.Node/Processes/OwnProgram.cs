using System.Collections.Immutable;

namespace Recorder.Node.Processes;

/// <summary>The command line of this program, in the way in which the program was started.</summary>
internal static class OwnProgram
{
    private const string Program = "recorder";
    private const string Muxer = "dotnet";

    /// <summary>The command line of this program with a command.</summary>
    /// <param name="command">The command, such as <c>pipeline</c>.</param>
    public static ImmutableArray<string> CommandLine(string command) =>
        CommandLine(command, Environment.ProcessPath ?? "", AppContext.BaseDirectory);

    /// <summary>Derives the command line from the running executable and the folder of the program's
    /// assemblies.</summary>
    public static ImmutableArray<string> CommandLine(string command, string processPath, string baseFolder) =>
        Path.GetFileName(processPath) switch
        {
            Program => [processPath, command],
            Muxer => [processPath, Path.Combine(baseFolder, Program + ".dll"), command],
            _ => [Path.Combine(baseFolder, Program), command],
        };
}
