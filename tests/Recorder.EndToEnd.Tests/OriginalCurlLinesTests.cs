using System.Globalization;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>
/// The calls of the original recorder's README as a shell runs them, letter by letter; only the page is one of this
/// machine, and the port another one where something else has taken 34568.
/// </summary>
public sealed class OriginalCurlLinesTests(PagesFixture fixture, ITestOutputHelper output)
    : EndToEndTest(fixture, output)
{
    private const int OriginalPort = 34568;

    private const string Start =
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" --data '{"type":"uri", "data":{"bitrate":6000, "uri":"https://letsmeet.no/test-edumeet-recorder?headless=true&displayName=recorder", "stream_uri":"","mode":"record"}}' -X POST http://127.0.0.1:34568/api/start""";

    private const string Status =
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" -X GET http://127.0.0.1:34568/api/status""";

    private const string Stop =
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" --data '{"id":1}' -X POST http://127.0.0.1:34568/api/stop""";

    private const string GetRecords =
        """curl -i -H "Accept: application/json" -H "Content-Type: application/json" --data '{"id":1}' -X GET http://127.0.0.1:34568/api/get_records""";

    [Fact]
    public async Task The_originals_curl_lines_work_as_they_are_written_and_record_1080p()
    {
        var port = LoopbackPort.IsFree(OriginalPort) ? OriginalPort : (int?)null;
        var node = await StartNodeAsync(new RecorderNodeSettings { HttpPort = port });

        var started = await RunAsync(node, Start);
        Assert.Equal("""{"id":1,"status":"started"}""", started);
        Assert.Equal("""[{"id":1,"records":[],"running":true,"is_running":true}]""", await RunAsync(node, Status));
        await RecordForAsync(3);
        Assert.Equal("""{"status":"stopped"}""", await RunAsync(node, Stop));

        var path = Assert.Single(JsonSerializer.Deserialize<string[]>(await RunAsync(node, GetRecords))!);
        Assert.Equal(
            $$"""[{"id":1,"records":["{{path}}"],"running":false,"is_running":false}]""",
            await RunAsync(node, Status)
        );
        var probe = await RecordFile.AssertPlayableAsync(path);
        Assert.Equal((1920, 1080), (probe.Video!.Width, probe.Video.Height));
        Assert.Equal(25, probe.Video.AverageFrameRate, 0.1);
        Assert.Equal("Constrained Baseline", probe.Video.Profile);
    }

    /// <summary>Runs a line in a shell and checks the head of its answer.</summary>
    /// <returns>The body.</returns>
    private async Task<string> RunAsync(RecorderNode node, string line)
    {
        var here = line.Replace(
                "https://letsmeet.no/test-edumeet-recorder",
                Pages.Animated.ToString(),
                StringComparison.Ordinal
            )
            .Replace("http://127.0.0.1:34568", node.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);
        var answer = await ToolRun.OutputOfAsync("/bin/bash", "-c", here);
        Tell($"{here}\n{answer}");
        var (head, body) = answer.Split("\r\n\r\n", 2) is [var first, var rest] ? (first, rest) : (answer, "");
        var headers = head.Split("\r\n");
        Assert.Equal("HTTP/1.1 200 OK", headers[0]);
        Assert.Contains("Content-Type: application/json", headers);
        Assert.Contains("Content-Length: " + body.Length.ToString(CultureInfo.InvariantCulture), headers);
        return body;
    }
}
