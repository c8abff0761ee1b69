using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Recorder.Http.Access;
using Recorder.Http.Settings;

namespace Recorder.Http.OpenApi;

/// <summary>The document at <c>/openapi/v1.json</c>.</summary>
internal static class ApiDescription
{
    private const string Scheme = "key";

    public static void AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi(
            "v1",
            options =>
            {
                // A HEAD is described by its GET, because it only lacks the answer's content.
                options.ShouldInclude = call => call.HttpMethod != HttpMethods.Head;
                options.AddDocumentTransformer(
                    (document, _, _) =>
                    {
                        document.Info = new OpenApiInfo
                        {
                            Title = "Recorder",
                            Version = "1",
                            Description =
                                "A farm that records web pages and meetings. Where the node has API keys, every call but /health/live and /health/ready "
                                + "needs one whose scope covers it; a node without keys answers on loopback only and needs none.",
                        };
                        document.Components ??= new OpenApiComponents();
                        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
                        document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
                        {
                            Type = SecuritySchemeType.Http,
                            Scheme = "bearer",
                        };
                        document.Security =
                        [
                            new OpenApiSecurityRequirement
                            {
                                [new OpenApiSecuritySchemeReference(Scheme, document)] = [],
                            },
                            [],
                        ];
                        return Task.CompletedTask;
                    }
                );
            }
        );

    public static void Map(IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/v1.json").Needs(ApiScope.Read);
}
