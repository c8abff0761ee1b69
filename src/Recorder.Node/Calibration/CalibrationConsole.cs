using System.Globalization;
using Recorder.Cluster.Capacity;

namespace Recorder.Node.Calibration;

/// <summary>Shows a calibration as a growing table. On a terminal, the last line shows the progress.</summary>
/// <param name="output">The output.</param>
/// <param name="moving">Whether a line of the output can be overwritten.</param>
/// <param name="host">The host.</param>
internal sealed class CalibrationConsole(TextWriter output, bool moving, HostFacts host) : ICalibrationDisplay
{
    private const int BarLength = 20;

    private string _step = "";
    private TimeSpan _whole;

    /// <summary>Writes what is being measured, and the head of the table.</summary>
    public void Begin(CalibrationPlan plan, decimal costEach)
    {
        var video = plan.Video;
        output.WriteLine(
            Text(
                $"{host.Cpu}, {host.Threads:0.##} of {host.HostThreads} threads, {host.MemoryMegabytes} MB; recordings of {video.Width}x{video.Height} at {video.Framerate}, {plan.Duration.TotalSeconds:0.#} s each."
            )
        );
        if (costEach != 1)
        {
            output.WriteLine(Text($"One of them counts as {costEach} recordings of 1920x1080 at 25."));
        }
        output.WriteLine();
        output.WriteLine("recordings   CPU %   of all   memory   distinct frames");
    }

    /// <inheritdoc/>
    public void Show(int recordings, string what, TimeSpan left)
    {
        if (!moving)
        {
            return;
        }
        var step = $"{recordings} {what}";
        if (step != _step)
        {
            (_step, _whole) = (step, left);
        }
        var done = _whole > TimeSpan.Zero ? (int)(BarLength * (1 - (left / _whole))) : 0;
        var bar =
            _whole > TimeSpan.Zero
                ? Text($" [{new string('#', done)}{new string('.', BarLength - done)}] {left.TotalSeconds:0} s")
                : "";
        WriteOver($"{recordings,10}   {what}{bar}");
    }

    /// <inheritdoc/>
    public void Show(int recordings, CpuMeasurement measured)
    {
        var row = Text(
            $"{recordings,10}   {measured.CpuPercent,5:0}   {measured.CpuPercent / host.Threads,4:0} %   {measured.MemoryPercent,4:0.0} %   {(measured.DistinctFrames is { } distinct ? Text($"{distinct:0.000}") : "-"),15}"
        );
        if (moving)
        {
            WriteOver(row);
        }
        output.WriteLine(moving ? "" : row);
    }

    /// <summary>Writes the outcome.</summary>
    public void End(string sentence)
    {
        if (moving)
        {
            WriteOver("");
        }
        output.WriteLine(sentence);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // ECMA-48: go to the beginning of the line, and erase to its end.
    private void WriteOver(string line) => output.Write($"\r\u001b[K{line}");
}
