using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Recorder.Node.Processes;

/// <summary>Runs a short program of the system to its end.</summary>
internal static class ToolProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Runs a program as the run directory's user, or as <paramref name="user"/>, and returns its standard
    /// output.</summary>
    /// <exception cref="ProcessStartException">The program is missing, took too long, or did not exit with
    /// 0.</exception>
    public static async Task<string> RunAsync(
        ProcessLauncher launcher,
        RunDirectory run,
        string program,
        ImmutableArray<string> arguments,
        ImmutableDictionary<string, string>? environment = null,
        SystemUser? user = null
    )
    {
        var output = new ConcurrentQueue<string>();
        var process = await launcher.StartAsync(
            new ProcessRequest(ProcessRole.Tool, program, arguments)
            {
                Environment = environment ?? ProcessEnvironment.Minimal,
                OnOutput = output.Enqueue,
                As = user,
            },
            run
        );
        ProcessExit exit;
        try
        {
            exit = await process.Exited.WaitAsync(Limit);
        }
        catch (TimeoutException error)
        {
            process.Kill();
            throw new ProcessStartException($"'{program}' did not end within {Limit.TotalSeconds:0} s.", error);
        }

        return exit.Code == 0
            ? string.Join('\n', output)
            : throw new ProcessStartException($"'{program}' {exit.Description}: {exit.LogTail}");
    }
}
