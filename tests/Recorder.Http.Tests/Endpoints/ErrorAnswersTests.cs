using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Access;
using static Recorder.Http.Tests.Endpoints.OriginalCallsTests;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Endpoints;

[Trait("ring", "actor")]
public sealed class ErrorAnswersTests
{
    private const string Start = """{"type":"uri","data":{"uri":"https://example.org/"}}""";

    [Theory]
    [InlineData("page_failed", 422)]
    [InlineData("page_too_large", 422)]
    [InlineData("stopped_at_start", 409)]
    [InlineData("start_timeout", 504)]
    [InlineData("disk_full", 507)]
    [InlineData("records_folder_unavailable", 507)]
    [InlineData("browser_failed", 503)]
    [InlineData("display_failed", 503)]
    [InlineData("sound_failed", 503)]
    [InlineData("pipeline_failed", 503)]
    [InlineData("node_lost", 503)]
    [InlineData("unavailable", 503)]
    public async Task A_start_that_failed_is_answered_by_its_reason(string code, int status)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new SessionAdmitted(new SessionId(1), 0, Node));
        edge.Farm.On<StartSession>(start => new StartFailed(
            start.Id,
            code,
            "net::ERR_NAME_NOT_RESOLVED at https://user:secret@nowhere.example/."
        ));

        await Golden(
            await edge.SendAsync(HttpMethod.Post, "/api/start", Start),
            (HttpStatusCode)status,
            $$"""{"error":"net::ERR_NAME_NOT_RESOLVED at https://***@nowhere.example/.","code":"{{code}}"}"""
        );
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_farm_says_when_to_come_back_and_why_each_node_refuses()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new AdmissionRefused(
            FaultCode.AtCapacity,
            "No node has room.",
            [new NodeRefusal("a:1", "2 of 2 slots taken"), new NodeRefusal("b:1", "draining")],
            TimeSpan.FromSeconds(29.2)
        ));

        var answer = await edge.SendAsync(HttpMethod.Post, "/api/start", Start);

        await Golden(
            answer,
            HttpStatusCode.ServiceUnavailable,
            """{"error":"No node has room.","code":"at_capacity","nodes":[{"node":"a:1","reason":"2 of 2 slots taken"},{"node":"b:1","reason":"draining"}]}"""
        );
        Assert.Equal("30", answer.Headers.GetValues("Retry-After").Single());
        Assert.DoesNotContain(edge.Farm.Heard, message => message is StartSession);
    }

    [Fact]
    public async Task A_key_used_for_something_else_is_a_conflict()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<AdmitSession>(_ => new IdempotencyConflict("The key was used with another spec."));

        await Golden(
            await edge.SendAsync(HttpMethod.Post, "/api/start", Start, ("Idempotency-Key", "k")),
            HttpStatusCode.Conflict,
            """{"error":"The key was used with another spec.","code":"idempotency_conflict","field":"Idempotency-Key"}"""
        );
    }

    [Fact]
    public async Task A_bad_idempotency_key_is_refused()
    {
        await using var edge = await EdgeFixture.StartAsync();

        var answer = await edge.SendAsync(
            HttpMethod.Post,
            "/api/start",
            Start,
            ("Idempotency-Key", new string('k', 201))
        );

        await Golden(
            answer,
            HttpStatusCode.BadRequest,
            """{"error":"Idempotency-Key must be 1 to 200 printable ASCII characters.","code":"invalid_request","field":"Idempotency-Key"}"""
        );
    }

    [Theory]
    [InlineData("POST", "/api/stop", """{"id":9}""")]
    [InlineData("GET", "/api/get_records", """{"id":9}""")]
    [InlineData("GET", "/api/get_records?id=9", null)]
    [InlineData("GET", "/api/sessions/9", null)]
    public async Task An_unknown_session_is_not_found(string method, string path, string? body)
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<FindSession>(locate => new SessionUnknown(locate.Id));

        await Golden(
            await edge.SendAsync(new HttpMethod(method), path, body),
            HttpStatusCode.NotFound,
            """{"error":"There is no session 9; GET /api/status lists the sessions.","code":"no_such_session"}"""
        );
    }

    [Theory]
    [InlineData("GET", "/api/sessions/0", null, "id")]
    [InlineData("GET", "/api/sessions/..%2F1", null, "id")]
    [InlineData("GET", "/api/get_records?id=", null, "id")]
    [InlineData("GET", "/api/get_records", null, "id")]
    [InlineData("GET", "/api/get_records", """{"id":"1"}""", "id")]
    [InlineData("GET", "/api/sessions?state=asleep", null, "state")]
    [InlineData("GET", "/api/sessions?limit=0", null, "limit")]
    [InlineData("GET", "/api/sessions?after=x", null, "after")]
    [InlineData("POST", "/api/stop", """{"id":1.5}""", "id")]
    [InlineData(
        "POST",
        "/api/start",
        """{"type":"uri","data":{"uri":"https://example.org","bitrate":1000000000000}}""",
        "data.bitrate"
    )]
    public async Task A_bad_request_names_the_field_to_blame(string method, string path, string? body, string field)
    {
        await using var edge = await EdgeFixture.StartAsync();

        var answer = await edge.SendAsync(new HttpMethod(method), path, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.EndsWith(
            $"\"code\":\"invalid_request\",\"field\":\"{field}\"}}",
            await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        Assert.Empty(edge.Farm.Heard);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    public async Task A_body_that_is_not_declared_as_json_is_refused(string? type)
    {
        await using var edge = await EdgeFixture.StartAsync();
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Start));
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        var answer = await edge.Client.PostAsync("/api/start", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains(
            "\"code\":\"unsupported_media_type\"",
            await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("/api/start", "POST", false)]
    [InlineData("/api/start", "POST", true)]
    [InlineData("/api/stop", "POST", true)]
    [InlineData("/api/get_records", "GET", false)]
    [InlineData("/api/get_records", "GET", true)]
    public async Task A_body_of_ten_megabytes_is_refused_chunked_or_not(string path, string method, bool chunked)
    {
        await using var edge = await EdgeFixture.StartAsync();
        var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = new ByteArrayContent(new byte[10_000_000]),
        };
        request.Content.Headers.Add("Content-Type", "application/json");
        request.Headers.TransferEncodingChunked = chunked;

        await Golden(
            await edge.Client.SendAsync(request),
            HttpStatusCode.RequestEntityTooLarge,
            """{"error":"The body is longer than 65536 bytes, the most this recorder takes.","code":"body_too_large"}"""
        );
    }

    [Fact]
    public async Task A_body_of_just_the_limit_is_read()
    {
        await using var edge = await EdgeFixture.StartAsync(options => options.MaximumBody = new ByteSize(1024));

        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await edge.SendAsync(HttpMethod.Post, "/api/stop", "x".PadRight(1024))).StatusCode
        );
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge,
            (await edge.SendAsync(HttpMethod.Post, "/api/stop", "x".PadRight(1025))).StatusCode
        );
    }

    [Fact]
    public async Task An_unknown_path_is_answered_as_json()
    {
        await using var edge = await EdgeFixture.StartAsync();

        await Golden(
            await edge.SendAsync(HttpMethod.Get, "/api/stat", null),
            HttpStatusCode.NotFound,
            """{"error":"There is no call GET /api/stat; GET /openapi/v1.json lists the calls.","code":"no_such_route"}"""
        );
    }

    [Fact]
    public async Task A_wrong_method_is_answered_as_json_with_the_right_ones()
    {
        await using var edge = await EdgeFixture.StartAsync();

        var answer = await edge.SendAsync(HttpMethod.Get, "/api/start", null);

        await Golden(
            answer,
            HttpStatusCode.MethodNotAllowed,
            """{"error":"There is no call GET /api/start; this path answers POST.","code":"method_not_allowed"}"""
        );
        Assert.Equal("POST", answer.Content.Headers.Allow.Single());
    }

    [Fact]
    public async Task What_nobody_foresaw_is_logged_as_an_incident_and_told_without_internals()
    {
        await using var edge = await EdgeFixture.StartAsync(map: app =>
            app.MapGet("/broken", string () => throw new InvalidOperationException("the secret inside"))
                .WithMetadata(new RequiredScope(null))
        );

        var answer = await edge.SendAsync(HttpMethod.Get, "/broken", null);
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("\"code\":\"internal_error\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        var incident = System.Text.RegularExpressions.Regex.Match(body, "incident ([0-9a-f]{12})").Groups[1].Value;
        Assert.Contains(
            edge.Log.Lines,
            line =>
                line.Contains($"Incident {incident}", StringComparison.Ordinal)
                && line.Contains("the secret inside", StringComparison.Ordinal)
        );
    }
}
