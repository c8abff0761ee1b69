using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Recorder.ReferencePages;

/// <summary>The server's side of the page <c>/door</c>: tells the page which headers its requests had.</summary>
internal static class DoorPage
{
    private const string Place = "const documentHeaders = {};";

    /// <summary>Serves the page.</summary>
    /// <param name="application">The server.</param>
    /// <param name="reports">Receives what the page has seen.</param>
    public static void Map(WebApplication application, ChannelWriter<string> reports)
    {
        application.MapGet("/door", (Delegate)AnswerAsync);
        application.MapGet(
            "/door/seen",
            (HttpContext context) =>
            {
                context.Response.Headers.AccessControlAllowOrigin = "*";
                return Results.Json(HeadersOf(context));
            }
        );
        application.MapGet(
            "/door/away",
            (HttpContext context) => Results.Redirect($"http://localhost:{context.Request.Host.Port}/door/seen")
        );
        application.MapPost(
            "/door/report",
            async (HttpContext context) =>
            {
                using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
                reports.TryWrite(await reader.ReadToEndAsync());
                return Results.NoContent();
            }
        );
    }

    private static async Task<IResult> AnswerAsync(HttpContext context)
    {
        var wanted = "Basic " + Convert.ToBase64String("recorder:let me in"u8);
        if (context.Request.Query.ContainsKey("user") && context.Request.Headers.Authorization != wanted)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"door\"";
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }
        using var reader = new StreamReader(ReferencePageServer.Embedded("door"));
        var page = await reader.ReadToEndAsync();
        var headers = JsonSerializer.Serialize(HeadersOf(context));
        return Results.Text(page.Replace(Place, $"const documentHeaders = {headers};", StringComparison.Ordinal), "text/html");
    }

    private static Dictionary<string, string> HeadersOf(HttpContext context) =>
        context.Request.Headers.ToDictionary(
            header => header.Key.ToLowerInvariant(),
            header => header.Value.ToString()
        );
}
