using System.Net;
using System.Text;
using Recorder.Http.Requests;
using static Recorder.Http.Tests.Endpoints.OriginalCallsTests;

namespace Recorder.Http.Tests.Requests;

/// <summary>A request with several mistakes is told all of them, and none that only follows from another.</summary>
[Trait("ring", "actor")]
public sealed class ManyMistakesTests
{
    private const string Uri = "\"uri\":\"https://example.org/\"";

    [Theory]
    [InlineData("{}", "type data")]
    [InlineData("{\"data\":{}}", "type")]
    [InlineData("{\"type\":\"avi\",\"data\":7,\"more\":1}", "more type data")]
    [InlineData("{\"type\":\"uri\",\"data\":[]}", "data")]
    [InlineData("{\"type\":\"uri\",\"data\":{}}", "data.uri")]
    [InlineData(
        "{\"type\":\"uri\",\"data\":{\"uri\":1,\"width\":1,\"preset\":\"slow\"}}",
        "data.uri data.width data.preset"
    )]
    [InlineData(
        "{\"type\":\"uri\",\"type\":\"uri\",\"data\":{\"widht\":1,\"width\":2,\"width\":4}}",
        "type data.width data.widht data.uri data.width"
    )]
    [InlineData(
        "{\"type\":\"uri\",\"data\":{"
            + Uri
            + ",\"bitrate\":1,\"width\":1,\"height\":1,\"framerate\":0,\"keyframe_interval\":0,\"audio_bitrate\":0}}",
        "data.framerate data.width data.height data.bitrate data.keyframe_interval data.audio_bitrate"
    )]
    // Items of lists, each by its own index.
    [InlineData(
        "{\"type\":\"uri\",\"data\":{"
            + Uri
            + ",\"mode\":\"both\",\"stream_uri\":\"x\",\"stream_uris\":[1,\"rtmp://h/a/b\",\"\",\"rtmp://h/a/b\"]}}",
        "data.stream_uri data.stream_uris[0] data.stream_uris[2] data.stream_uris[3]"
    )]
    // What follows from a mistake is no mistake: whether a target is missing, or HLS has its record, only a right mode
    // tells.
    [InlineData(
        "{\"type\":\"uri\",\"data\":{" + Uri + ",\"mode\":\"all\",\"stream_uris\":[\"rtmp://h/a/b\"],\"hls\":true}}",
        "data.mode"
    )]
    [InlineData(
        "{\"type\":\"uri\",\"data\":{" + Uri + ",\"mode\":\"stream\",\"stream_uri\":\"x\"}}",
        "data.stream_uri"
    )]
    [InlineData(
        "{\"type\":\"uri\",\"data\":{" + Uri + ",\"mode\":\"stream\",\"hls\":true}}",
        "data.stream_uri data.hls"
    )]
    [InlineData(
        "{\"type\":\"rtp\",\"data\":{\"rtpPort\":80,\"codec\":\"AV1\",\"container\":\"mp4\"}}",
        "data.codec data.rtpPort data.rtcpPort"
    )]
    [InlineData(
        "{\"type\":\"rtp\",\"data\":{\"rtpPort\":5000,\"rtcpPort\":5000,\"payload_type\":64,\"container\":\"mp4\",\"audio_payload_type\":1}}",
        "data.rtcpPort data.payload_type data.container data.audio_payload_type"
    )]
    public void A_start_is_told_all_its_mistakes(string body, string fields) =>
        Assert.Equal(
            fields.Split(' '),
            StartRequestParserTests.Parse(body).Error?.All.Select(mistake => mistake.Field)
        );

    [Theory]
    [InlineData(
        "{\"add_stream_uris\":[\"x\",\"rtmp://h/a/b\",\"rtmp://h/a/c\"],\"remove_stream_uris\":[\"rtmp://h/a/c\",\"rtmp://h/a/b\",2],\"force\":1}",
        "force add_stream_uris[0] remove_stream_uris[2] add_stream_uris[1] add_stream_uris[2]"
    )]
    [InlineData("{\"add_stream_uris\":[\"x\"]}", "add_stream_uris[0]")]
    [InlineData("{\"add_stream_uris\":7,\"remove_stream_uris\":null}", "add_stream_uris remove_stream_uris")]
    public void A_change_is_told_all_its_mistakes(string body, string fields) =>
        Assert.Equal(
            fields.Split(' '),
            ChangeRequestParser.Parse(Encoding.UTF8.GetBytes(body)).Error?.All.Select(mistake => mistake.Field)
        );

    [Theory]
    [InlineData(1, 1)]
    [InlineData(RequestError.MostTold, RequestError.MostTold)]
    [InlineData(RequestError.MostTold + 1, RequestError.MostTold)]
    [InlineData(5_000, RequestError.MostTold)]
    public void Of_very_many_mistakes_the_first_are_told(int unknown, int told)
    {
        var more = string.Concat(Enumerable.Range(0, unknown).Select(number => $",\"x{number}\":0"));

        var error = StartRequestParserTests.Parse($$$"""{"type":"uri","data":{{{{Uri}}}{{{more}}}}}""").Error;

        Assert.Equal(
            Enumerable.Range(0, told).Select(number => $"data.x{number}"),
            error?.All.Select(mistake => mistake.Field)
        );
    }

    [Fact]
    public void What_is_no_json_has_one_mistake_and_no_field() =>
        Assert.Null(Assert.Single(StartRequestParserTests.Parse("{\"type\":\"uri\"} {}").Error!.All).Field);

    [Fact]
    public async Task The_first_mistake_is_told_as_ever_and_all_beside_it()
    {
        await using var edge = await EdgeFixture.StartAsync();

        await Golden(
            await edge.SendAsync(
                HttpMethod.Post,
                "/api/start",
                $$$"""{"type":"uri","data":{{{{Uri}}},"bitrate":1,"width":1921,"mode":"all"}}"""
            ),
            HttpStatusCode.BadRequest,
            """{"error":"data.mode must be one of record, stream, both; \"all\" is not served.","code":"invalid_request","field":"data.mode","errors":["""
                + """{"field":"data.mode","error":"data.mode must be one of record, stream, both; \"all\" is not served."},"""
                + """{"field":"data.width","error":"data.width must be even, because the picture's colour has half its size; 1921 is odd, take 1920 or 1922."},"""
                + """{"field":"data.bitrate","error":"data.bitrate must be from 50 to 100000 kbit/s; 1 is not."}]}"""
        );
        Assert.Empty(edge.Farm.Heard);
    }

    [Theory]
    [InlineData("POST", "/api/stop", """{"id":0,"force":true}""", "force id")]
    [InlineData("PATCH", "/api/sessions/x", """{"add_stream_uris":[1]}""", "id add_stream_uris[0]")]
    [InlineData("GET", "/api/sessions?state=asleep&limit=0&after=x", null, "state limit after")]
    [InlineData("GET", "/api/get_records?id=x", """{"id":0,"force":true}""", "id force id")]
    public async Task Every_call_is_told_all_its_mistakes(string method, string path, string? body, string fields)
    {
        await using var edge = await EdgeFixture.StartAsync();

        var answer = await edge.SendAsync(new HttpMethod(method), path, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var told = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var errors = told.RootElement.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal(fields.Split(' '), errors.Select(error => error.GetProperty("field").GetString()));
        Assert.Equal(
            (told.RootElement.GetProperty("field").GetString(), told.RootElement.GetProperty("error").GetString()),
            (errors[0].GetProperty("field").GetString(), errors[0].GetProperty("error").GetString())
        );
        Assert.Empty(edge.Farm.Heard);
    }

    [Fact]
    public async Task A_header_and_a_body_that_are_both_wrong_are_told_together()
    {
        await using var edge = await EdgeFixture.StartAsync();

        var answer = await edge.SendAsync(
            HttpMethod.Post,
            "/api/start",
            """{"type":"uri"}""",
            ("Idempotency-Key", new string('k', 201))
        );

        using var told = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(
            ["Idempotency-Key", "data"],
            told.RootElement.GetProperty("errors")
                .EnumerateArray()
                .Select(error => error.GetProperty("field").GetString())
        );
    }
}
