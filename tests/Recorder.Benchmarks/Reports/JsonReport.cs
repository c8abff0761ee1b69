using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Benchmarks.Scenarios;

namespace Recorder.Benchmarks.Reports;

/// <summary>The report for machines: everything, each run included.</summary>
/// <param name="At">When the scenario ended.</param>
/// <param name="Scenario">Its name.</param>
/// <param name="WarmUpSeconds">From the start of a recording to its window.</param>
/// <param name="DurationSeconds">The window asked for.</param>
/// <param name="Machine">What it ran on.</param>
/// <param name="Summary">Medians and targets.</param>
/// <param name="Runs">In the order they were made.</param>
internal sealed record JsonReport(
    DateTimeOffset At,
    string Scenario,
    double WarmUpSeconds,
    double DurationSeconds,
    MachineDescription Machine,
    SessionSummary Summary,
    IReadOnlyList<SessionRun> Runs
)
{
    /// <summary>Writes the file, over an older one.</summary>
    public Task WriteAsync(string path, CancellationToken cancellationToken) =>
        JsonFile.WriteAsync(path, this, cancellationToken);
}

/// <summary>How reports for machines are written.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Writes the file, over an older one.</summary>
    public static async Task WriteAsync<T>(string path, T report, CancellationToken cancellationToken)
    {
        var file = File.Create(path);
        await using (file)
        {
            await JsonSerializer.SerializeAsync(file, report, Format, cancellationToken);
        }
    }
}
