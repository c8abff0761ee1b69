using System.Diagnostics;
using System.Text;

namespace Recorder.Node.Tests.Commands;

/// <summary>The program itself, as a process of its own, with what it writes.</summary>
internal sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Take(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Errors => Text(_errors);

    public string Output => Text(_output);

    /// <summary>Starts <c>recorder</c> in a folder.</summary>
    public static NodeProcess Start(string folder, params string[] arguments) =>
        Start(folder, throughDotnet: false, arguments);

    /// <summary>Starts <c>recorder</c> or <c>dotnet recorder.dll</c> in a folder.</summary>
    public static NodeProcess Start(string folder, bool throughDotnet, params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "recorder");
        var start = new ProcessStartInfo(throughDotnet ? "dotnet" : program)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (throughDotnet)
        {
            start.ArgumentList.Add(program + ".dll");
        }
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        foreach (
            var name in start
                .Environment.Keys.Where(name => name.StartsWith("RECORDER_", StringComparison.OrdinalIgnoreCase))
                .ToList()
        )
        {
            start.Environment.Remove(name);
        }

        // The run folder is derived below it, and goes with the test's folder.
        start.Environment["TMPDIR"] = folder;
        return new NodeProcess(start);
    }

    /// <summary>The line that says it is ready.</summary>
    public async Task<string> ReadyAsync()
    {
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_ready.Task, ended).WaitAsync(Limit) == ended)
        {
            Assert.Fail($"The node ended with exit code {_process.ExitCode} before it was ready: {Output}{Errors}");
        }
        return await _ready.Task;
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate()
    {
        using var kill = Process.Start(
            "/bin/kill",
            ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]
        );
        kill.WaitForExit();
    }

    /// <summary>Sends SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>The exit code, when the process has exited and all its output has been read.</summary>
    public Task<int> ExitedAsync() => ExitedAsync(Limit);

    /// <summary>The exit code, when the process has exited within a time and all its output has been read.</summary>
    public async Task<int> ExitedAsync(TimeSpan limit)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The process has not exited within {limit.TotalSeconds} s: {Output}{Errors}");
        }

        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            // The process writes into the test's folder, which is deleted next.
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(Limit);
        }

        _process.Dispose();
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private void Take(StringBuilder text, string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (text)
        {
            text.AppendLine(line);
        }
        if (line.Contains("Recorder is ready: ", StringComparison.Ordinal))
        {
            _ready.TrySetResult(line);
        }
    }
}
