using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Recorder.ReferencePages;

/// <summary>Another listener beside the recorder: <c>parec</c> on the monitor of a session's sound server. Disposing
/// ends the listener.</summary>
public sealed class SoundListener : IAsyncDisposable
{
    private const int Rate = 48000;

    private readonly Process _process;
    private readonly MemoryStream _heard = new();
    private readonly Task _hearing;
    private readonly Task<string> _errors;

    private SoundListener(Process process)
    {
        this._process = process;
        _hearing = process.StandardOutput.BaseStream.CopyToAsync(_heard);
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="server">The sound server's address, such as <c>unix:/run/x/sock</c>.</param>
    public static SoundListener Start(string server)
    {
        var start = new ProcessStartInfo("parec") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "--device=@DEFAULT_MONITOR@",
            "--rate=48000",
            "--channels=2",
            "--format=s16le",
            "--raw",
            "--latency-msec=200",
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["PULSE_SERVER"] = server;
        return new SoundListener(
            Process.Start(start) ?? throw new InvalidOperationException("parec could not be started; is it installed?")
        );
    }

    /// <summary>Ends the listener.</summary>
    /// <returns>The left of the two channels that it heard.</returns>
    /// <exception cref="InvalidOperationException">It heard nothing, or had ended by itself.</exception>
    public async Task<SoundTrack> EndAsync()
    {
        var endedByItself = _process.HasExited;
        await DisposeAsync();
        if (endedByItself || _heard.Length == 0)
        {
            throw new InvalidOperationException(
                $"parec heard {_heard.Length} bytes{(endedByItself ? " and ended by itself" : "")}: {await _errors}"
            );
        }
        return new SoundTrack(
            LeftOf(MemoryMarshal.Cast<byte, short>(_heard.GetBuffer().AsSpan(0, (int)(_heard.Length / 4 * 4)))),
            Rate,
            TimeSpan.Zero,
            []
        );
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
        await _hearing;
    }

    private static short[] LeftOf(ReadOnlySpan<short> both)
    {
        var left = new short[both.Length / 2];
        for (var i = 0; i < left.Length; i++)
        {
            left[i] = both[2 * i];
        }
        return left;
    }
}
