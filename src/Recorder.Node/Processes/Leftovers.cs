using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>Ends what a session's user still runs.</summary>
internal static class Leftovers
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Ends all processes of a user at once. One that makes processes without end has no moment to make
    /// another: the kernel holds the list of processes meanwhile (kill(2), -1).</summary>
    /// <param name="user">The user, who has no other processes than a session's.</param>
    public static async Task EndAsync(SystemUser user)
    {
        var start = new ProcessStartInfo(
            ProgramPath.Resolve("setpriv"),
            [
                string.Create(CultureInfo.InvariantCulture, $"--reuid={user.Uid}"),
                string.Create(CultureInfo.InvariantCulture, $"--regid={user.Gid}"),
                "--clear-groups",
                "--inh-caps=-all",
                "--ambient-caps=-all",
                ProgramPath.Resolve("sh"),
                "-c",
                // The shell itself is left out by the kernel. No process is left when the call fails.
                "kill -KILL -1 2>/dev/null; exit 0",
            ]
        );
        start.Environment.Clear();
        try
        {
            using var process = Process.Start(start);
            if (process is not null)
            {
                await process.WaitForExitAsync().WaitAsync(Limit);
            }
        }
        catch (Exception error) when (error is Win32Exception or TimeoutException or InvalidOperationException)
        {
            // The number stays taken as long as something runs as this user.
        }
    }
}
