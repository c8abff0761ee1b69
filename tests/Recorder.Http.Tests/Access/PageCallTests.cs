using System.Net;
using Microsoft.AspNetCore.Builder;
using Recorder.Cluster.Placement;
using Recorder.Http.Access;
using static Recorder.Http.Tests.Endpoints.OriginalCallsTests;

namespace Recorder.Http.Tests.Access;

/// <summary>What a web page asks is refused, what a program or a person asks is not.</summary>
[Trait("ring", "actor")]
public sealed class PageCallTests
{
    [Theory]
    [InlineData(null, null, true)]
    [InlineData("none", null, true)]
    [InlineData("same-origin", null, true)]
    [InlineData("same-origin", "http://127.0.0.1:34568", true)]
    [InlineData("same-site", null, false)]
    [InlineData("cross-site", null, false)]
    [InlineData("a-word-of-later", null, false)]
    [InlineData(null, "null", false)]
    [InlineData(null, "http://127.0.0.1:8000", false)]
    [InlineData(null, "http://127.0.0.1", false)]
    [InlineData(null, "https://page.example", false)]
    [InlineData(null, "file://", false)]
    [InlineData("none", "https://page.example", false)]
    [InlineData("same-site", "http://127.0.0.1:8000", false)]
    [InlineData("cross-site", "https://allowed.example", true)]
    public void Who_asks_is_told_from_what_the_browser_says(string? site, string? origin, bool answered)
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        if (site is not null)
        {
            context.Request.Headers["Sec-Fetch-Site"] = site;
        }
        if (origin is not null)
        {
            context.Request.Headers.Origin = origin;
        }

        var refusal = PageCall.Refusal(
            context.Request.Headers,
            new("127.0.0.1", 34568),
            allowed => allowed == "https://allowed.example"
        );

        Assert.Equal(answered, refusal is null);
    }

    [Fact]
    public void A_page_behind_a_proxy_that_speaks_HTTPS_has_the_origin_of_the_host_it_calls()
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.Headers.Origin = "https://recorder.example";

        Assert.Null(PageCall.Refusal(context.Request.Headers, new("recorder.example"), _ => false));
    }

    [Theory]
    [InlineData("GET", "/api/status")]
    [InlineData("GET", "/api/sessions")]
    [InlineData("GET", "/api/sessions/1")]
    [InlineData("GET", "/api/sessions/1/thumbnail.jpg")]
    [InlineData("GET", "/api/sessions/1/hls/playlist.m3u8")]
    [InlineData("GET", "/api/get_records?id=1")]
    [InlineData("GET", "/api/pressure")]
    [InlineData("GET", "/cluster/members")]
    [InlineData("PUT", "/cluster/members/a:1")]
    [InlineData("GET", "/health/live")]
    [InlineData("GET", "/health/ready")]
    [InlineData("GET", "/openapi/v1.json")]
    [InlineData("POST", "/api/start")]
    [InlineData("POST", "/api/stop")]
    [InlineData("PATCH", "/api/sessions/1")]
    [InlineData("POST", "/api/sessions/1/pause")]
    [InlineData("OPTIONS", "/api/start")]
    [InlineData("GET", "/nowhere")]
    [InlineData("GET", "/added-by-others")]
    public async Task A_page_is_refused_on_every_route(string method, string path)
    {
        await using var edge = await EdgeFixture.StartAsync(map: app => app.MapGet("/added-by-others", () => "hello"));

        var answer = await edge.SendAsync(new HttpMethod(method), path, null, ("Sec-Fetch-Site", "cross-site"));

        await Golden(
            answer,
            HttpStatusCode.Forbidden,
            """{"error":"This call came from a page of another origin, and a page could show or change what other sessions record; make the call from a program.","code":"forbidden","field":"Sec-Fetch-Site"}"""
        );
        Assert.Empty(edge.Farm.Heard);
        await edge.Log.SeeAsync("(a page)");
        Assert.Contains(
            edge.Log.Lines,
            line =>
                line.Contains("RequestLog", StringComparison.Ordinal)
                && line.Contains("(a page)", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("/api/status", 200)]
    [InlineData("/health/live", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/nowhere", 404)]
    [InlineData("/broken", 500)]
    public async Task No_answer_can_be_shown_inside_a_page(string path, int status)
    {
        await using var edge = await EdgeFixture.StartAsync(map: app =>
            app.MapGet("/broken", string () => throw new InvalidOperationException("Broken."))
        );
        edge.Farm.On<ListSessions>(_ => new SessionList([]));

        var answer = await edge.SendAsync(HttpMethod.Get, path, null, ("Sec-Fetch-Site", "none"));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.Equal(
            "default-src 'none'; frame-ancestors 'none'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy"))
        );
    }
}
