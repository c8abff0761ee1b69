using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Recorder.ReferencePages;

/// <summary>Another listener beside the recorder: <c>parec</c> on the monitor of a session's sound server. Disposing ends it.</summary>
public sealed class SoundListener : IAsyncDisposable
{
    private const int Rate = 48000;

    private readonly Process process;
    private readonly MemoryStream heard = new();
    private readonly Task hearing;
    private readonly Task<string> errors;

    private SoundListener(Process process)
    {
        this.process = process;
        hearing = process.StandardOutput.BaseStream.CopyToAsync(heard);
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="server">The sound server's address, such as <c>unix:/run/x/sock</c>.</param>
    public static SoundListener Start(string server)
    {
        var start = new ProcessStartInfo("parec") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = ["--device=@DEFAULT_MONITOR@", "--rate=48000", "--channels=2", "--format=s16le", "--raw", "--latency-msec=200"];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["PULSE_SERVER"] = server;
        return new SoundListener(Process.Start(start) ?? throw new InvalidOperationException("parec could not be started; is it installed?"));
    }

    /// <summary>Ends it.</summary>
    /// <returns>The left of the two channels that it heard.</returns>
    /// <exception cref="InvalidOperationException">It heard nothing, or had ended by itself.</exception>
    public async Task<SoundTrack> EndAsync()
    {
        var endedByItself = process.HasExited;
        await DisposeAsync().ConfigureAwait(false);
        if (endedByItself || heard.Length == 0)
            throw new InvalidOperationException($"parec heard {heard.Length} bytes{(endedByItself ? " and ended by itself" : "")}: {await errors.ConfigureAwait(false)}");
        return new SoundTrack(LeftOf(MemoryMarshal.Cast<byte, short>(heard.GetBuffer().AsSpan(0, (int)(heard.Length / 4 * 4)))), Rate, TimeSpan.Zero, []);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync().ConfigureAwait(false);
        await hearing.ConfigureAwait(false);
    }

    private static short[] LeftOf(ReadOnlySpan<short> both)
    {
        var left = new short[both.Length / 2];
        for (var i = 0; i < left.Length; i++)
            left[i] = both[2 * i];
        return left;
    }
}
