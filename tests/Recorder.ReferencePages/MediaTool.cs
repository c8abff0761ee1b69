using System.Diagnostics;
using System.Text;

namespace Recorder.ReferencePages;

/// <summary>Runs ffmpeg or ffprobe as a child process from an argument list: no shell, nothing blocks a pool
/// thread.</summary>
internal static class MediaTool
{
    /// <summary>As much of the tool's own words as an error message carries.</summary>
    private const int KeptErrorLines = 12;

    /// <param name="executable">A name looked up on PATH, such as <c>ffmpeg</c>.</param>
    /// <param name="arguments">One entry an argument.</param>
    /// <param name="readOutput">Consumes standard output to its end; absent, output is read and dropped.</param>
    /// <param name="writeInput">Writes standard input, which is closed afterwards; absent, it is closed at
    /// once.</param>
    /// <param name="onErrorLine">Called for each line of standard error, in order.</param>
    /// <param name="cancellationToken">Ends the process.</param>
    /// <returns>The exit code and the last lines of standard error.</returns>
    public static async Task<ToolResult> RunAsync(
        string executable,
        IEnumerable<string> arguments,
        Func<Stream, CancellationToken, Task>? readOutput = null,
        Func<Stream, CancellationToken, Task>? writeInput = null,
        Action<string>? onErrorLine = null,
        CancellationToken cancellationToken = default
    )
    {
        var start = new ProcessStartInfo(executable)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process =
            Process.Start(start)
            ?? throw new InvalidOperationException($"{executable} could not be started; is it installed?");
        try
        {
            var lastErrors = new Queue<string>();
            var errors = ReadLinesAsync(
                process.StandardError,
                line =>
                {
                    onErrorLine?.Invoke(line);
                    lastErrors.Enqueue(line);
                    if (lastErrors.Count > KeptErrorLines)
                    {
                        lastErrors.Dequeue();
                    }
                },
                cancellationToken
            );
            var output = (readOutput ?? DropAsync)(process.StandardOutput.BaseStream, cancellationToken);
            var input = FeedAsync(process, writeInput, cancellationToken);

            await Task.WhenAll(errors, output, input);
            await process.WaitForExitAsync(cancellationToken);
            return new ToolResult(process.ExitCode, string.Join('\n', lastErrors));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task ReadLinesAsync(
        StreamReader reader,
        Action<string> onLine,
        CancellationToken cancellationToken
    )
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            onLine(line);
        }
    }

    private static Task DropAsync(Stream output, CancellationToken cancellationToken) =>
        output.CopyToAsync(Stream.Null, cancellationToken);

    private static async Task FeedAsync(
        Process process,
        Func<Stream, CancellationToken, Task>? writeInput,
        CancellationToken cancellationToken
    )
    {
        var input = process.StandardInput.BaseStream;
        try
        {
            if (writeInput is not null)
            {
                await writeInput(input, cancellationToken);
            }
        }
        catch (IOException)
        {
            // The tool closed its input early; its exit code and error lines say why.
        }
        finally
        {
            process.StandardInput.Close();
        }
    }
}

/// <param name="ExitCode">0 is success.</param>
/// <param name="LastErrorLines">The end of what the tool said on standard error.</param>
internal sealed record ToolResult(int ExitCode, string LastErrorLines);
