using System.Globalization;
using System.Net;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Moments that a real page and a caller mark, compared with what the record shows at these moments.</summary>
public sealed class MarksTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task A_mark_is_at_the_frame_that_was_on_the_display_across_a_pause_and_the_next_record()
    {
        var node = await StartNodeAsync();
        var answer = await node.Api.SendAsync(
            HttpMethod.Post,
            "/api/start",
            JsonSerializer.Serialize(
                new
                {
                    type = "uri",
                    data = new
                    {
                        uri = Pages.Meeting("begin=0.1&marks=1").ToString(),
                        width = 640,
                        height = 360,
                    },
                }
            )
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        await SeeMarksAsync(node, 3);
        Assert.Equal(HttpStatusCode.OK, (await node.Api.SendAsync(HttpMethod.Post, "/api/sessions/1/pause")).Status);
        await RecordForAsync(2);
        Assert.Equal(HttpStatusCode.OK, (await node.Api.SendAsync(HttpMethod.Post, "/api/sessions/1/resume")).Status);
        await SeeMarksAsync(node, (await MarksAsync(node)).Count + 4);
        node.Kill("worker");
        await node.Api.SeeSessionAsync(
            1,
            "the second record is open and the first one repaired",
            Limit,
            session => session.Records is [{ Finished: true }, { OpenedAt: not null }]
        );
        await SeeMarksAsync(node, (await MarksAsync(node)).Count + 4);
        var given = JsonDocument.Parse(
            (
                await node.Api.SendAsync(HttpMethod.Post, "/api/sessions/1/marks", """{"title":"By a caller"}""")
            ).Body
        ).RootElement;
        Assert.Equal("1-2", given.GetProperty("record").GetString());
        await node.Api.StopAsync(1);
        var session = await node.Api.SeeSessionAsync(
            1,
            "its manifests are written",
            Limit,
            session => session.Records.All(record => record.Sha256 is not null)
        );

        var marks = await MarksAsync(node);
        var compared = new List<(string Record, int Off)>();
        foreach (var (record, number) in session.Records.Select((record, index) => (record, index + 1)))
        {
            var here = marks.Where(mark => mark.Record == $"1-{number}").ToList();
            var track = await new MediaAnalysis(record.Path).FrameNumbersAsync();
            Assert.Equal(here.OrderBy(mark => mark.At).Select(mark => mark.Title), await ChaptersAsync(record.Path));
            Assert.Contains("WEBVTT", await File.ReadAllTextAsync(record.Path + ".chapters.vtt"), StringComparison.Ordinal);
            foreach (var mark in here)
            {
                var frame = track.Frames.LastOrDefault(frame =>
                    frame.Time.TotalSeconds <= mark.At + 0.001 && frame.Number is not null
                );
                if (int.TryParse(mark.Title, CultureInfo.InvariantCulture, out var shown) && mark.At > 0)
                {
                    compared.Add((mark.Record, frame.Number!.Value - shown));
                    Tell($"{mark.Record} at {mark.At:0.00} s shows {frame.Number}, and the page said {shown}");
                }
            }
        }

        // A mark of a pause is at the frame after the pause. The display shows a frame a little after the page draws
        // it.
        foreach (var record in new[] { "1-1", "1-2" })
        {
            var off = compared.Where(one => one.Record == record).Select(one => one.Off).Order().ToList();
            Assert.InRange(off.Count, 4, 100);
            Assert.InRange(off[off.Count / 2], -1, 1);
        }
    }

    private static Task SeeMarksAsync(RecorderNode node, int count) =>
        Eventually.BeAsync(
            $"the page has marked {count} moments",
            Limit,
            async () => (await MarksAsync(node)).Count >= count
        );

    private static async Task<IReadOnlyList<(string Title, string Record, double At)>> MarksAsync(RecorderNode node)
    {
        using var marks = JsonDocument.Parse(
            (await node.Api.SendAsync(HttpMethod.Get, "/api/sessions/1/marks")).Body
        );
        return
        [
            .. marks
                .RootElement.EnumerateArray()
                .Where(mark => mark.GetProperty("at").ValueKind == JsonValueKind.Number)
                .Select(mark =>
                    (
                        mark.GetProperty("title").GetString()!,
                        mark.GetProperty("record").GetString()!,
                        mark.GetProperty("at").GetDouble()
                    )
                ),
        ];
    }

    private static async Task<IReadOnlyList<string>> ChaptersAsync(string path)
    {
        using var chapters = JsonDocument.Parse(
            await ToolRun.OutputOfAsync("ffprobe", "-v", "error", "-show_chapters", "-of", "json", path)
        );
        return
        [
            .. chapters
                .RootElement.GetProperty("chapters")
                .EnumerateArray()
                .Select(chapter => chapter.GetProperty("tags").GetProperty("title").GetString()!),
        ];
    }
}
