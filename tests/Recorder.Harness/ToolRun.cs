using System.Diagnostics;

namespace Recorder.Harness;

/// <summary>A run of a program such as curl or ffprobe.</summary>
/// <param name="ExitCode">0 is success.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Errors">What it wrote to standard error.</param>
internal sealed record ToolRun(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Runs a program to its end and expects success.</summary>
    public static async Task<string> OutputOfAsync(string program, params string[] arguments)
    {
        var run = await RunAsync(program, arguments);
        Assert.True(
            run.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Errors}"
        );
        return run.Output;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ToolRun> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Limit);
            return new ToolRun(process.ExitCode, await output, await errors);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{program} {string.Join(' ', arguments)} had not ended after {Limit.TotalSeconds:0} s."
            );
        }
    }
}
