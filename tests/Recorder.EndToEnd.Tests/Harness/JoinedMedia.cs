using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>All records of a session as one file, as an edge serves the file.</summary>
internal static class JoinedMedia
{
    /// <summary>Fetches the joined file of an ended session, and expects that the file decodes, that it shows the
    /// frames of each record in their order, that each record is a chapter, and that any part may be asked for
    /// alone.</summary>
    /// <param name="node">The edge.</param>
    /// <param name="session">The session.</param>
    /// <param name="path">Where the file is written.</param>
    /// <returns>The titles of the chapters.</returns>
    public static async Task<IReadOnlyList<string>> AssertAsync(Uri node, SessionDetails session, string path)
    {
        using var http = new HttpClient { BaseAddress = node };

        // The tag of a file changes when its hash becomes known.
        foreach (var record in session.Records)
        {
            await RecordFile.AssertManifestAsync(record.Path);
        }
        var list = new Uri(
            string.Create(CultureInfo.InvariantCulture, $"/api/records?session={session.Id}"),
            UriKind.Relative
        );
        for (var look = 0; (await http.GetStringAsync(list)).Contains("\"sha256\":null", StringComparison.Ordinal); look++)
        {
            Assert.True(look < 200, $"The hashes of the records of session {session.Id} are not known after 20 s.");
            await Task.Delay(100);
        }
        var address = new Uri(
            string.Create(CultureInfo.InvariantCulture, $"/api/sessions/{session.Id}/media"),
            UriKind.Relative
        );
        using var answer = await http.GetAsync(address);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        Assert.Equal(bytes.Length, answer.Content.Headers.ContentLength);
        await AssertPartAsync(http, address, answer.Headers.ETag!, bytes);
        await File.WriteAllBytesAsync(path, bytes);

        var joined = new MediaAnalysis(path);
        Assert.Empty(await joined.DecodeErrorsAsync());
        var numbers = new List<int?>();
        var length = TimeSpan.Zero;
        foreach (var record in session.Records)
        {
            var one = new MediaAnalysis(record.Path);
            length += (await one.ProbeAsync()).Duration!.Value;
            numbers.AddRange((await one.FrameNumbersAsync()).Frames.Select(frame => frame.Number));
        }
        var frames = (await joined.FrameNumbersAsync()).Frames;
        Assert.Equal(numbers, frames.Select(frame => frame.Number));
        Assert.All(frames.Zip(frames.Skip(1)), pair => Assert.True(pair.First.Time < pair.Second.Time));
        Assert.Equal(length.TotalSeconds, (await joined.ProbeAsync()).Duration!.Value.TotalSeconds, 0.05);

        using var told = JsonDocument.Parse(
            await ToolRun.OutputOfAsync("ffprobe", "-v", "error", "-show_chapters", "-of", "json", path)
        );
        return
        [
            .. told
                .RootElement.GetProperty("chapters")
                .EnumerateArray()
                .Select(chapter => chapter.GetProperty("tags").GetProperty("title").GetString()!),
        ];
    }

    private static async Task AssertPartAsync(HttpClient http, Uri address, EntityTagHeaderValue tag, byte[] whole)
    {
        var (from, to) = (whole.Length / 3, whole.Length - 10);
        using var call = new HttpRequestMessage(HttpMethod.Get, address);
        call.Headers.Range = new RangeHeaderValue(from, to);
        call.Headers.IfRange = new RangeConditionHeaderValue(tag);
        using var part = await http.SendAsync(call);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(whole[from..(to + 1)], await part.Content.ReadAsByteArrayAsync());
    }
}
