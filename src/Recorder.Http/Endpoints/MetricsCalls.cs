using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Http.Access;
using Recorder.Http.OpenApi;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The call of Prometheus. Every node, whatever its roles, answers with its own figures, and asks no other
/// node for them.</summary>
internal static class MetricsCalls
{
    public const string Path = "/metrics";

    public static void Map(IEndpointRouteBuilder routes)
    {
        // The exporter is a middleware. As a pipeline of its own, the exporter answers an endpoint, so that access
        // rules and the API's description apply to it.
        var pipeline = routes.CreateApplicationBuilder();
        pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(_ => true);
        var scrape = pipeline.Build();
        routes
            .MapRead(Path, (HttpContext context) => scrape(context))
            .Needs(ApiScope.Read)
            .Describe(
                "metrics",
                "The figures of this node, for Prometheus",
                "In the text format of Prometheus, or in OpenMetrics where Accept asks for application/openmetrics-text. Answered from the node's memory, also while the database is away."
            )
            .AnswersFile("text/plain", "The figures.")
            .Refuses();
    }
}
