using System.Net;
using System.Text.Json;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Http.Tests.Endpoints.OriginalCallsTests;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

/// <summary>The calls about a running session, answered by a scripted one.</summary>
[Trait("ring", "actor")]
public sealed class LiveCallsTests
{
    private const string Key = "hush-key";

    private static readonly SessionSummary Streaming = Session(
        1,
        SessionPhase.Recording,
        Growing("/records/a.mp4")
    ) with
    {
        Spec = new PageSessionSpec(new Uri("https://example.org/"))
        {
            Mode = RecordingMode.Both,
            Hls = true,
            StreamTargets = [new StreamTarget($"rtmp://user:pass@h:1936/app/{Key}?x={Key}")],
        },
        PausedSince = Time,
    };

    private static readonly SessionDetails Details = new(
        Streaming,
        [
            new OutputSummary(
                "record",
                OutputKind.Record,
                "/records/a.mp4",
                OutputState.Active,
                Time,
                null,
                75,
                0,
                1000,
                0
            ),
            new OutputSummary(
                "target-1",
                OutputKind.Rtmp,
                "rtmp://h:1936/app/…",
                OutputState.Retrying,
                Time,
                $"rtmp://h:1936/app/{Key} refused",
                70,
                5,
                900,
                3
            ),
        ],
        new CaptureStatistics(Time, 75, 70, 5, 1, 2000, TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(40)),
        null,
        true
    );

    [Theory]
    [InlineData(true, HttpStatusCode.BadRequest)]
    [InlineData(false, HttpStatusCode.OK)]
    public async Task A_page_does_not_go_where_a_secret_of_its_session_may_not(bool secret, HttpStatusCode status)
    {
        var value = secret ? new PageText { Secret = "room" } : PageText.Of("text");
        var session = Streaming with
        {
            Spec = new PageSessionSpec(new Uri("https://example.org/"))
            {
                Settings = new PageSettings { Headers = [new PageHeader("X", value)] },
            },
        };
        await using var edge = await StartAsync(session);
        edge.Farm.On<ChangeTargets>(_ => new SessionChanged(Details with { Summary = session }));

        var answer = await edge.SendAsync(HttpMethod.Patch, "/api/sessions/1", """{"page":{"uri":"http://8.8.8.8/"}}""");

        Assert.Equal(status, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(secret, text.Contains("Secrets:room:Hosts", StringComparison.Ordinal));
        Assert.Equal(secret, text.Contains("\"field\":\"page.uri\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_running_session_is_told_with_its_live_figures_and_no_key()
    {
        await using var edge = await StartAsync(Streaming);
        edge.Farm.On<GetSession>(_ => Details);

        var answer = await edge.SendAsync(HttpMethod.Get, "/api/sessions/1", null);
        var text = await answer.Content.ReadAsStringAsync();
        using var session = JsonDocument.Parse(text);

        Assert.DoesNotContain(Key, text, StringComparison.Ordinal);
        Assert.DoesNotContain("pass", text, StringComparison.Ordinal);
        Assert.Equal(
            "rtmp://h:1936/app/…",
            session.RootElement.GetProperty("spec").GetProperty("stream_targets")[0].GetString()
        );
        Assert.Equal(
            """[{"id":"record","kind":"record","target":"/records/a.mp4","state":"active","since":"2021-09-22T07:56:00+00:00","reason":null,"frames_sent":75,"frames_dropped":0,"bytes_sent":1000,"retries":0},"""
                + """{"id":"target-1","kind":"rtmp","target":"rtmp://h:1936/app/…","state":"retrying","since":"2021-09-22T07:56:00+00:00","reason":"rtmp://h:1936/app/… refused","frames_sent":70,"frames_dropped":5,"bytes_sent":900,"retries":3}]""",
            session.RootElement.GetProperty("outputs").GetRawText()
        );
        Assert.Equal(70, session.RootElement.GetProperty("capture").GetProperty("frames_painted").GetInt32());
        Assert.Equal("2021-09-22T07:56:00+00:00", session.RootElement.GetProperty("paused_since").GetString());
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_that_does_not_answer_is_told_as_the_list_knows_it()
    {
        await using var edge = await StartAsync(Streaming with { Outputs = Details.Outputs });

        using var session = JsonDocument.Parse(await edge.Client.GetStringAsync("/api/sessions/1"));

        Assert.Equal(2, session.RootElement.GetProperty("outputs").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, session.RootElement.GetProperty("capture").ValueKind);
    }

    [Fact]
    public async Task An_ended_session_is_told_by_the_list_without_waking_it()
    {
        await using var edge = await StartAsync(Session(1, SessionPhase.Stopped) with { Outputs = Details.Outputs });

        using var session = JsonDocument.Parse(await edge.Client.GetStringAsync("/api/sessions/1"));

        Assert.Equal(2, session.RootElement.GetProperty("outputs").GetArrayLength());
        Assert.DoesNotContain(edge.Farm.Heard, message => message is SessionMessage);
    }

    [Fact]
    public async Task A_session_of_type_rtp_is_told_with_its_ports_and_what_it_receives()
    {
        var summary = Session(1, SessionPhase.Recording) with
        {
            Spec = new RtpSessionSpec(0, 0)
            {
                Codec = RtpCodec.Vp9,
                Container = RecordContainer.Webm,
                Name = "Choir",
                Labels = [new SessionLabel("course", "7")],
            },
            Endpoint = new RtpEndpoint("10.0.0.1", 40_000, 40_001, null, null),
        };
        var leg = new RtpLegStatistics(7, Time, 100, 100_000, 2, 1, TimeSpan.FromMilliseconds(2.5), 1, 2);
        await using var edge = await StartAsync(summary);
        edge.Farm.On<GetSession>(_ => new SessionDetails(summary, [], null, new RtpStatistics(Time, leg, null), false));

        using var session = JsonDocument.Parse(await edge.Client.GetStringAsync("/api/sessions/1"));

        Assert.Equal(
            """{"type":"rtp","rtp_port":0,"rtcp_port":0,"codec":"vp9","payload_type":96,"clock_rate":90000,"audio_rtp_port":null,"audio_rtcp_port":null,"audio_payload_type":null,"container":"webm","name":"Choir","labels":{"course":"7"},"deliver":null,"retention":null}""",
            session.RootElement.GetProperty("spec").GetRawText()
        );
        Assert.Equal(
            """{"host":"10.0.0.1","rtp_port":40000,"rtcp_port":40001,"audio_rtp_port":null,"audio_rtcp_port":null}""",
            session.RootElement.GetProperty("endpoint").GetRawText()
        );
        Assert.Equal(
            2.5,
            session
                .RootElement.GetProperty("reception")
                .GetProperty("video")
                .GetProperty("jitter_milliseconds")
                .GetDouble()
        );
    }

    [Fact]
    public async Task A_start_of_type_rtp_answers_where_to_send()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(2), 0, Node));
        edge.Farm.On<StartSession>(start => new SessionRecords(start.Id)
        {
            Endpoint = new RtpEndpoint("10.0.0.1", 5000, 5001, 5002, 5003),
        });

        await Golden(
            await edge.SendAsync(
                HttpMethod.Post,
                "/api/start",
                """{"type":"rtp","data":{"rtpPort":5000,"rtcpPort":5001,"audio_rtp_port":5002}}"""
            ),
            HttpStatusCode.OK,
            """{"id":2,"status":"started","host":"10.0.0.1","rtp_port":5000,"rtcp_port":5001,"audio_rtp_port":5002,"audio_rtcp_port":5003}"""
        );
    }

    [Theory]
    [InlineData(FaultCode.PortInUse, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.StreamFailed, HttpStatusCode.UnprocessableEntity)]
    public async Task A_start_that_fails_tells_why_without_the_key(string code, HttpStatusCode status)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(2), 0, Node));
        edge.Farm.On<StartSession>(start => new StartFailed(
            start.Id,
            code,
            $"It was rtmp://h/app/{Key} that refused."
        ));

        await Golden(
            await edge.SendAsync(
                HttpMethod.Post,
                "/api/start",
                """{"type":"rtp","data":{"rtpPort":5000,"rtcpPort":5001}}"""
            ),
            status,
            $$"""{"error":"It was rtmp://h/app/… that refused.","code":"{{code}}"}"""
        );
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_reaches_the_session_and_answers_it_as_it_is_then()
    {
        await using var edge = await StartAsync(Streaming);
        edge.Farm.On<ChangeTargets>(_ => new SessionChanged(Details));

        var answer = await edge.SendAsync(
            HttpMethod.Patch,
            "/api/sessions/1",
            $$"""{"add_stream_uris":["rtmp://h/app/{{Key}}"],"remove_stream_uris":["rtmp://h/app/other"]}"""
        );
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var session = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(2, session.RootElement.GetProperty("outputs").GetArrayLength());

        var change = await edge.Farm.NextAsync<ChangeTargets>();
        Assert.Equal(
            (7, $"rtmp://h/app/{Key}", "rtmp://h/app/other"),
            (change.Shard, Assert.Single(change.Add).Address, Assert.Single(change.Remove).Address)
        );
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains(Key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(FaultCode.InvalidRequest, HttpStatusCode.BadRequest)]
    [InlineData(FaultCode.NotRunning, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.NotSupported, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.Unavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task What_the_session_refuses_is_answered_with_its_reason(string code, HttpStatusCode status)
    {
        await using var edge = await StartAsync(Streaming);
        edge.Farm.On<ChangeTargets>(change => new ChangeRefused(
            change.Id,
            code,
            $"It streams to rtmp://h/app/{Key} already."
        ));
        edge.Farm.On<GetThumbnail>(get => new ThumbnailUnavailable(get.Id, code, "No."));

        await Golden(
            await edge.SendAsync(HttpMethod.Patch, "/api/sessions/1", """{"add_stream_uris":["rtmp://h/app/a"]}"""),
            status,
            $$"""{"error":"It streams to rtmp://h/app/… already.","code":"{{code}}"}"""
        );
        await Golden(
            await edge.SendAsync(HttpMethod.Get, "/api/sessions/1/thumbnail.jpg", null),
            status,
            $$"""{"error":"No.","code":"{{code}}"}"""
        );
    }

    [Theory]
    [InlineData("PATCH", "", """{"add_stream_uris":["rtmp://h/app/a"]}""")]
    [InlineData("POST", "/pause", null)]
    [InlineData("POST", "/resume", null)]
    [InlineData("GET", "/thumbnail.jpg", null)]
    public async Task A_session_that_has_ended_is_not_running(string method, string call, string? body)
    {
        await using var edge = await StartAsync(Session(1, SessionPhase.Stopped));

        await Golden(
            await edge.SendAsync(new HttpMethod(method), "/api/sessions/1" + call, body),
            HttpStatusCode.Conflict,
            """{"error":"Session 1 does not run any more.","code":"not_running"}"""
        );
        Assert.DoesNotContain(edge.Farm.Heard, message => message is SessionMessage);
    }

    [Theory]
    [InlineData("GET", "/api/sessions/1/thumbnail.jpg")]
    [InlineData("POST", "/api/sessions/1/pause")]
    [InlineData("GET", "/api/sessions/1/hls/playlist.m3u8")]
    public async Task A_session_that_is_not_there_is_404(string method, string path)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionUnknown(locate.Id));

        Assert.Equal(HttpStatusCode.NotFound, (await edge.SendAsync(new HttpMethod(method), path, null)).StatusCode);
    }

    [Fact]
    public async Task Pause_and_resume_reach_the_session()
    {
        await using var edge = await StartAsync(Streaming);
        edge.Farm.On<PauseSession>(_ => new SessionChanged(Details));
        edge.Farm.On<UnpauseSession>(_ => new SessionChanged(Details));

        Assert.Equal(
            HttpStatusCode.OK,
            (await edge.SendAsync(HttpMethod.Post, "/api/sessions/1/pause", null)).StatusCode
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (await edge.SendAsync(HttpMethod.Post, "/api/sessions/1/resume", null)).StatusCode
        );
        Assert.Equal(7, (await edge.Farm.NextAsync<PauseSession>()).Shard);
        await edge.Farm.NextAsync<UnpauseSession>();
    }

    [Fact]
    public async Task A_mark_is_answered_with_its_place_and_is_in_the_list()
    {
        var placed = new SessionMark("mark-1", "Questions", Time) { Record = 2, At = TimeSpan.FromSeconds(4.04) };
        var waiting = new SessionMark("mark-2", "Later", Time);
        await using var edge = await StartAsync(Streaming);
        edge.Farm.On<MarkSession>(mark => new SessionMarked(mark.Id, mark.Title == "Later" ? waiting : placed));
        edge.Farm.On<GetSession>(_ => Details with
        {
            Summary = Details.Summary with { Marks = [placed, waiting] },
        });

        var first = await edge.SendAsync(HttpMethod.Post, "/api/sessions/1/marks", """{"title":" Questions "}""");
        var second = await edge.SendAsync(HttpMethod.Post, "/api/sessions/1/marks", """{"title":"Later"}""");
        var list = await edge.SendAsync(HttpMethod.Get, "/api/sessions/1/marks", null);
        var session = await edge.SendAsync(HttpMethod.Get, "/api/sessions/1", null);

        Assert.Equal("Questions", (await edge.Farm.NextAsync<MarkSession>()).Title);
        using var one = JsonDocument.Parse(await first.Content.ReadAsStringAsync());
        Assert.Equal("1-2", one.RootElement.GetProperty("record").GetString());
        Assert.Equal(4.04, one.RootElement.GetProperty("at").GetDouble());
        Assert.Equal(Time, one.RootElement.GetProperty("given_at").GetDateTimeOffset());
        using var two = JsonDocument.Parse(await second.Content.ReadAsStringAsync());
        Assert.Equal(JsonValueKind.Null, two.RootElement.GetProperty("record").ValueKind);
        Assert.Equal(JsonValueKind.Null, two.RootElement.GetProperty("at").ValueKind);
        using var marks = JsonDocument.Parse(await list.Content.ReadAsStringAsync());
        Assert.Equal(
            ["mark-1", "mark-2"],
            marks.RootElement.EnumerateArray().Select(mark => mark.GetProperty("id").GetString())
        );
        using var whole = JsonDocument.Parse(await session.Content.ReadAsStringAsync());
        Assert.Equal(2, whole.RootElement.GetProperty("marks").GetArrayLength());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"title":""}""")]
    [InlineData("""{"title":"   "}""")]
    [InlineData("{\"title\":\"two\\nlines\"}")]
    [InlineData("""{"title":7}""")]
    [InlineData("""{"title":"a","at":3}""")]
    public async Task A_mark_without_a_plain_title_is_refused(string body)
    {
        await using var edge = await StartAsync(Streaming);

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/sessions/1/marks", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain(edge.Farm.Heard, message => message is MarkSession);
    }

    [Fact]
    public async Task A_page_of_another_origin_cannot_pause_its_own_recording()
    {
        await using var edge = await StartAsync(Streaming);
        edge.Farm.On<PauseSession>(_ => new SessionChanged(Details));

        var foreign = await edge.SendAsync(
            HttpMethod.Post,
            "/api/sessions/1/pause",
            null,
            ("Origin", "https://page.example")
        );
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.DoesNotContain(edge.Farm.Heard, message => message is PauseSession);

        var own = await edge.SendAsync(
            HttpMethod.Post,
            "/api/sessions/1/pause",
            null,
            ("Origin", edge.Address.TrimEnd('/'))
        );
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Fact]
    public async Task The_thumbnail_is_a_picture_that_is_not_kept()
    {
        byte[] jpeg = [0xff, 0xd8, 0xff, 0xd9];
        await using var edge = await StartAsync(Streaming);
        edge.Farm.On<GetThumbnail>(get => new SessionThumbnail(get.Id, jpeg, Time));

        var answer = await edge.SendAsync(HttpMethod.Get, "/api/sessions/1/thumbnail.jpg", null);

        Assert.Equal(
            (HttpStatusCode.OK, "image/jpeg"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.ToString())
        );
        Assert.Equal(jpeg, await answer.Content.ReadAsByteArrayAsync());
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    private static async Task<EdgeFixture> StartAsync(SessionSummary session)
    {
        var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionLocation(locate.Id, 7, session));
        return edge;
    }
}
