using System.Net.Http.Json;
using System.Text.Json;
using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Systems;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What a session used in turn without and with rules for its end, in percent of one core.</summary>
/// <param name="Pairs">Each measurement without, the one with, and what the rest of the machine used.</param>
internal sealed record DetectorsReport(IReadOnlyList<(double Without, double With, double Others)> Pairs)
{
    /// <summary>The median without rules.</summary>
    public double Without => Median(Pairs.Select(pair => pair.Without));

    /// <summary>The median of the differences within one pair.</summary>
    public double Difference => Median(Pairs.Select(pair => pair.With - pair.Without));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}

/// <summary>One session whose rules are taken away and given again, so that all else stays as it is.</summary>
/// <param name="product">The product's build output.</param>
/// <param name="rounds">How many pairs are measured.</param>
/// <param name="window">How long each measurement lasts.</param>
internal sealed class DetectorsScenario(string product, int rounds, TimeSpan window)
{
    // A change reaches the page within a second.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private static readonly object None = new
    {
        end = new Dictionary<string, object?>
        {
            ["silence"] = null,
            ["still"] = null,
            ["page"] = null,
            ["selector"] = null,
            ["text"] = null,
            ["alone"] = null,
        },
    };

    private static readonly object All = new
    {
        end = new Dictionary<string, object?>
        {
            ["silence"] = new Dictionary<string, string> { ["for"] = "1 h" },
            ["still"] = new Dictionary<string, string> { ["for"] = "1 h" },
            ["page"] = new[] { "end_signal", "navigated_away", "selector_gone" },
            ["selector"] = ".call",
            ["text"] = new[] { "the meeting has ended" },
            ["alone"] = new Dictionary<string, string> { ["selector"] = ".person", ["for"] = "1 h" },
        },
    };

    /// <summary>Runs the scenario.</summary>
    public async Task<DetectorsReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-benchmark-").FullName;
        // The browser's account must be able to pass through to its profile.
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        try
        {
            await using var pages = await ReferencePageServer.StartAsync(cancellationToken: cancellationToken);
            await using var node = await ProductNode.StartAsync(product, folder, cancellationToken);
            using var http = new HttpClient { BaseAddress = node.Address, Timeout = TimeSpan.FromSeconds(60) };
            var start = new
            {
                type = "uri",
                data = new
                {
                    uri = pages.Meeting("begin=0&alone=100000").AbsoluteUri,
                    width = 1280,
                    height = 720,
                    end = new { max_duration = "1 h" },
                },
            };
            await SendAsync(http, HttpMethod.Post, "api/start", start, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
            var pairs = new List<(double, double, double)>();
            for (var round = 0; round < rounds; round++)
            {
                var without = await MeasureAsync(None);
                var with = await MeasureAsync(All);
                pairs.Add((without.Whole, with.Whole, Math.Max(without.OthersPercent, with.OthersPercent)));
            }
            await SendAsync(http, HttpMethod.Post, "api/stop", new { id = 1 }, cancellationToken);
            return new DetectorsReport(pairs);

            async Task<CpuUsage> MeasureAsync(object rules)
            {
                await SendAsync(http, HttpMethod.Patch, "api/sessions/1", rules, cancellationToken);
                await Task.Delay(Settling, cancellationToken);
                return await CpuMeter.MeasureAsync(node.Processes, window, cancellationToken);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task SendAsync(
        HttpClient http,
        HttpMethod method,
        string path,
        object body,
        CancellationToken cancellationToken
    )
    {
        using var call = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = JsonContent.Create(body, options: new JsonSerializerOptions()),
        };
        using var answer = await http.SendAsync(call, cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            throw new InvalidOperationException($"{method} /{path} was answered {(int)answer.StatusCode}: {text}");
        }
    }
}
