using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Tests.OpenApi;

[Trait("ring", "actor")]
public sealed class ApiDescriptionTests
{
    private const string DocumentPath = "/openapi/v1.json";

    private static async Task<JsonElement> DocumentAsync(EdgeFixture edge) =>
        JsonDocument.Parse(await edge.Client.GetStringAsync(DocumentPath)).RootElement;

    private static JsonElement Body(JsonElement document, string path, string method) =>
        document
            .GetProperty("paths")
            .GetProperty(path)
            .GetProperty(method)
            .GetProperty("requestBody")
            .GetProperty("content")
            .GetProperty("application/json")
            .GetProperty("schema");

    private static JsonElement StartBody(JsonElement document, string type) =>
        Body(document, "/api/start", "post")
            .GetProperty("oneOf")
            .EnumerateArray()
            .Single(form =>
                form.GetProperty("properties").GetProperty("type").GetProperty("enum")[0].GetString() == type
            );

    [Fact]
    public async Task The_document_lists_every_route()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var document = await DocumentAsync(edge);

        var listed = document
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path =>
                path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}")
            );
        var routes = edge
            .App.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText != DocumentPath)
            .SelectMany(endpoint =>
                endpoint
                    .Metadata.GetMetadata<HttpMethodMetadata>()!
                    .HttpMethods.Where(method => method != "HEAD")
                    .Select(method =>
                        $"{method} {endpoint.RoutePattern.RawText!.Replace("**", "", StringComparison.Ordinal)}"
                    )
            );

        Assert.Equal(59, routes.Count());
        Assert.Equal(routes.Order(), listed.Order());
    }

    [Fact]
    public async Task Every_operation_has_a_name_a_summary_and_says_what_its_answers_are()
    {
        await using var edge = await EdgeFixture.StartAsync();

        foreach (
            var operation in (await DocumentAsync(edge))
                .GetProperty("paths")
                .EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject())
        )
        {
            Assert.NotEqual("", operation.Value.GetProperty("operationId").GetString());
            Assert.NotEqual("", operation.Value.GetProperty("summary").GetString());
            foreach (var response in operation.Value.GetProperty("responses").EnumerateObject())
            {
                Assert.True(response.Value.GetProperty("description").GetString()!.Length > 4, response.ToString());
                Assert.True(
                    Assert
                        .Single(response.Value.GetProperty("content").EnumerateObject())
                        .Value.TryGetProperty("schema", out _),
                    response.ToString()
                );
            }
        }
    }

    [Fact]
    public async Task The_body_of_a_start_is_described_with_its_limits_and_defaults()
    {
        await using var edge = await EdgeFixture.StartAsync();

        var body = StartBody(await DocumentAsync(edge), "uri");

        Assert.Equal(
            ["data", "type"],
            body.GetProperty("required").EnumerateArray().Select(name => name.GetString()).Order()
        );
        Assert.False(body.GetProperty("additionalProperties").GetBoolean());
        var data = body.GetProperty("properties").GetProperty("data");
        Assert.Equal(["uri"], data.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.False(data.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(
            [
                "also_audio",
                "audio_bitrate",
                "begin",
                "bitrate",
                "container",
                "deliver",
                "end",
                "framerate",
                "height",
                "hls",
                "keyframe_interval",
                "labels",
                "local_peers",
                "mode",
                "name",
                "page",
                "preset",
                "profile",
                "retention",
                "stream_uri",
                "stream_uris",
                "uri",
                "video",
                "webhooks",
                "width",
            ],
            data.GetProperty("properties").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal)
        );
        var width = data.GetProperty("properties").GetProperty("width");
        Assert.Equal("integer", width.GetProperty("type").GetString());
        Assert.Equal(SpecLimits.MinimumWidth, width.GetProperty("minimum").GetInt32());
        Assert.Equal(SpecLimits.MaximumWidth, width.GetProperty("maximum").GetInt32());
        Assert.Equal(2, width.GetProperty("multipleOf").GetInt32());
        Assert.Equal(1920, width.GetProperty("default").GetInt32());
        var mode = data.GetProperty("properties").GetProperty("mode");
        Assert.Equal(
            ["record", "stream", "both"],
            mode.GetProperty("enum").EnumerateArray().Select(word => word.GetString())
        );
        Assert.Equal("record", mode.GetProperty("default").GetString());
    }

    [Fact]
    public async Task What_the_document_calls_a_valid_start_the_parser_takes()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var document = await DocumentAsync(edge);
        foreach (
            var (type, needed) in new[]
            {
                ("uri", "\"uri\":\"https://example.org\",\"stream_uri\":\"rtmp://host/app/key\""),
                ("rtp", "\"rtpPort\":0,\"rtcpPort\":0"),
            }
        )
        {
            CheckFields(
                StartBody(document, type).GetProperty("properties").GetProperty("data").GetProperty("properties"),
                type,
                needed
            );
        }
    }

    private static void CheckFields(JsonElement data, string type, string needed)
    {
        // The ports between 0 and 1024, and a container that goes with another codec or with sound alone, are beyond
        // what
        // a schema can say.
        string[] apart =
        [
            "name",
            "begin",
            "deliver",
            "end",
            "labels",
            "local_peers",
            "page",
            "retention",
            "webhooks",
            "uri",
            "stream_uri",
            "stream_uris",
            "hls",
            "video",
            "rtpPort",
            "rtcpPort",
            "audio_rtcp_port",
            "audio_payload_type",
        ];
        (string Type, string Field, string Value)[] beyond =
        [
            ("rtp", "container", "\"mp4\""),
            .. RecordContainers.OfSound.Select(sound => ("uri", "container", $"\"{sound.Ending()}\"")),
        ];
        foreach (var field in data.EnumerateObject().Where(field => !apart.Contains(field.Name)))
        {
            var values = field.Value.TryGetProperty("enum", out var words)
                ? words.EnumerateArray().Select(word => word.GetRawText())
                : new[] { "minimum", "maximum", "default" }.Select(bound =>
                    field.Value.GetProperty(bound).GetRawText()
                );
            foreach (var value in values.Where(value => !beyond.Contains((type, field.Name, value))))
            {
                var parsed = Requests.StartRequestParserTests.Parse(
                    $$$"""{"type":"{{{type}}}","data":{{{{needed}}},"{{{field.Name}}}":{{{value}}}}}"""
                );
                Assert.True(parsed.Error is null, $"{field.Name}={value}: {parsed.Error}");
            }
        }
    }

    [Fact]
    public async Task A_session_is_answered_with_just_the_fields_its_description_requires()
    {
        await using var edge = await EdgeFixture.StartAsync();
        edge.Farm.On<GetSession>(get => new DetailsUnavailable(get.Id));
        edge.Farm.On<FindSession>(locate => new SessionLocation(
            locate.Id,
            0,
            Summaries.Session(1, SessionPhase.Recording, Summaries.Growing("/records/a.mp4"))
        ));
        var schemas = (await DocumentAsync(edge)).GetProperty("components").GetProperty("schemas");
        using var session = JsonDocument.Parse(await edge.Client.GetStringAsync("/api/sessions/1"));

        Assert.Equal(Required("SessionAnswer"), Names(session.RootElement));
        Assert.Equal(
            ["type", .. Required("SpecAnswerPageSpecAnswer").Except(["type"])],
            Names(session.RootElement.GetProperty("spec"))
        );
        Assert.Equal(Required("RecordAnswer"), Names(session.RootElement.GetProperty("records")[0]));

        IEnumerable<string?> Required(string schema) =>
            schemas.GetProperty(schema).GetProperty("required").EnumerateArray().Select(name => name.GetString());
        static IEnumerable<string?> Names(JsonElement element) => element.EnumerateObject().Select(field => field.Name);
    }

    [Fact]
    public async Task The_answers_are_described_by_their_names_and_types()
    {
        await using var edge = await EdgeFixture.StartAsync();
        var schemas = (await DocumentAsync(edge)).GetProperty("components").GetProperty("schemas");

        var entry = schemas.GetProperty("StatusEntry").GetProperty("properties");
        Assert.Equal(["id", "records", "running", "is_running"], entry.EnumerateObject().Select(field => field.Name));
        Assert.Equal("integer", entry.GetProperty("id").GetProperty("type").GetString());
        var error = schemas.GetProperty("ErrorAnswer").GetProperty("properties");
        Assert.Equal(
            ["error", "code", "field", "nodes", "errors"],
            error.EnumerateObject().Select(field => field.Name)
        );
        Assert.Equal(
            ["error", "code"],
            schemas.GetProperty("ErrorAnswer").GetProperty("required").EnumerateArray().Select(name => name.GetString())
        );
        var mistake = error.GetProperty("errors").GetProperty("items").GetProperty("$ref").GetString();
        Assert.Equal("#/components/schemas/FieldError", mistake);
        Assert.Equal(
            ["error"],
            schemas.GetProperty("FieldError").GetProperty("required").EnumerateArray().Select(name => name.GetString())
        );
        Assert.Equal(
            ["field", "error"],
            schemas.GetProperty("FieldError").GetProperty("properties").EnumerateObject().Select(field => field.Name)
        );
        Assert.Contains(
            schemas.GetProperty("SessionPhase").GetProperty("enum").EnumerateArray(),
            word => word.GetString() == "recording"
        );
    }
}
