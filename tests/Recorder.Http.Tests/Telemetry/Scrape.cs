namespace Recorder.Http.Tests.Telemetry;

/// <summary>The answer to a scrape, taken apart.</summary>
internal sealed class Scrape
{
    private readonly Dictionary<string, double> _samples = [];

    private Scrape(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.Split(' ', 4) is ["#", "TYPE", var name, var type])
            {
                Types[name] = type;
            }
            if (line.Split(' ', 4) is ["#", "HELP", var helped, var help])
            {
                Helps[helped] = help;
            }
            if (line.StartsWith('#'))
            {
                continue;
            }

            // A sample is a series, a value and perhaps a time; without labels its braces are empty. No value of a
            // label of ours has a space or a brace.
            var end = line.Contains('}', StringComparison.Ordinal)
                ? line.IndexOf('}', StringComparison.Ordinal) + 1
                : line.IndexOf(' ', StringComparison.Ordinal);
            _samples[line[..end].Replace("{}", "", StringComparison.Ordinal)] = double.Parse(
                line[end..].Trim().Split(' ')[0],
                System.Globalization.CultureInfo.InvariantCulture
            );
        }
    }

    /// <summary>The type of each metric.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary>The help of each metric.</summary>
    public Dictionary<string, string> Helps { get; } = [];

    /// <summary>Every series, as it is written.</summary>
    public IEnumerable<string> Series => _samples.Keys;

    /// <summary>The value of a series such as <c>recorder_members{status="up"}</c>; null where there is none.</summary>
    public double? this[string series] => _samples.TryGetValue(series, out var value) ? value : null;

    public static async Task<Scrape> OfAsync(HttpClient client, string address) =>
        new(await client.GetStringAsync(new Uri(address + "/metrics")));

    /// <summary>The names of the labels that the series of a metric have, in their order; the bounds of a histogram's
    /// buckets are none.</summary>
    public IEnumerable<string> LabelsOf(string metric) =>
        Series
            .Where(series =>
                series.Split('{')[0] is var name
                && (
                    name == metric
                    || (Types[metric] == "histogram" && name.StartsWith(metric + "_", StringComparison.Ordinal))
                )
            )
            .SelectMany(series =>
                series.Contains('{', StringComparison.Ordinal) ? series.Split('{', '}')[1].Split(',') : []
            )
            .Select(label => label.Split('=')[0])
            .Where(label => label != "le")
            .Distinct();
}
