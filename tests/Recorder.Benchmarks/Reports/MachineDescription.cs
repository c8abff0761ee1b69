using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Recorder.Benchmarks.Reports;

/// <summary>What the figures were measured on: they mean little on another machine, their ratios more.</summary>
/// <param name="Cpu">Model name.</param>
/// <param name="Cores">Processors the system may use.</param>
/// <param name="MemoryBytes">Of the machine.</param>
/// <param name="Kernel">Its version.</param>
/// <param name="System">Distribution.</param>
/// <param name="Versions">Of the programs that do the work.</param>
internal sealed record MachineDescription(
    string Cpu,
    int Cores,
    long MemoryBytes,
    string Kernel,
    string System,
    IReadOnlyDictionary<string, string> Versions
)
{
    /// <summary>Describes this machine.</summary>
    public static async Task<MachineDescription> ReadAsync(CancellationToken cancellationToken)
    {
        var cpuInfo = await File.ReadAllLinesAsync("/proc/cpuinfo", cancellationToken);
        var versions = new Dictionary<string, string>();
        foreach (
            var (program, option) in new[]
            {
                ("chromium", "--version"),
                ("ffmpeg", "-version"),
                ("gst-launch-1.0", "--version"),
            }
        )
        {
            versions[program] = await FirstLineAsync(program, option, cancellationToken);
        }
        return new MachineDescription(
            Value(cpuInfo, "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Environment.OSVersion.Version.ToString(),
            RuntimeInformation.OSDescription,
            versions
        );
    }

    private static string? Value(IEnumerable<string> lines, string name) =>
        lines.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();

    private static async Task<string> FirstLineAsync(string program, string option, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, [option])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process =
            Process.Start(start)
            ?? throw new InvalidOperationException($"{program} could not be started; is it installed?");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (await output).Split('\n')[0].Trim();
    }
}
