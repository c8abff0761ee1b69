using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Telemetry;
using Recorder.Http.Settings;

namespace Recorder.Http.Telemetry;

/// <summary>Collects the node's metrics, for scrapes and for an OTLP collector where there is one.</summary>
internal static class TelemetryHosting
{
    private const string ServiceName = "recorder";

    /// <summary>
    /// The standard variables that count, by their beginnings. The one that turns OpenTelemetry off is none of them:
    /// scrapes are answered in any case.
    /// </summary>
    private static readonly string[] Variables =
    [
        "OTEL_EXPORTER_OTLP_",
        "OTEL_METRIC_EXPORT_",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_SERVICE_NAME",
    ];

    /// <summary>Adds the collection of metrics.</summary>
    /// <exception cref="OptionsValidationException">There is an address to send to that is none: the exporter would
    /// take its default address in silence.</exception>
    public static void AddTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        var (endpoint, source) =
            options.OtlpEndpoint.Length > 0
                ? (options.OtlpEndpoint, $"{TelemetryOptions.Section}:{nameof(options.OtlpEndpoint)}")
                : (
                    Environment.GetEnvironmentVariable(TelemetryOptions.EndpointVariable) ?? "",
                    TelemetryOptions.EndpointVariable
                );
        if (
            endpoint.Length > 0
            && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        )
        {
            throw new OptionsValidationException(
                TelemetryOptions.Section,
                typeof(TelemetryOptions),
                [
                    $"{source} is \"{endpoint}\", which is no http or https address; write it like http://collector:4317, or leave it empty.",
                ]
            );
        }

        services.AddMetrics();
        services.AddSingleton(_ => Collect(endpoint));
    }

    private static MeterProvider Collect(string endpoint)
    {
        var variables = StandardVariables();
        if (endpoint.Length > 0)
        {
            variables[TelemetryOptions.EndpointVariable] = endpoint;
        }
        var metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services =>
                services.AddSingleton<IConfiguration>(
                    new ConfigurationBuilder().AddInMemoryCollection(variables).Build()
                )
            )
            .SetResourceBuilder(
                ResourceBuilder
                    .CreateEmpty()
                    .AddService(ServiceName, serviceVersion: FarmNames.Version)
                    .AddTelemetrySdk()
                    .AddEnvironmentVariableDetector()
            )
            .AddMeter(RecorderMeter.Name)
            .AddPrometheusExporter(prometheus =>
            {
                // Whoever scrapes knows whom they scrape, and recorder_build_info tells the version.
                prometheus.ScopeInfoEnabled = false;
                prometheus.TargetInfoEnabled = false;
            });
        return (endpoint.Length > 0 ? metrics.AddOtlpExporter() : metrics).Build();
    }

    private static Dictionary<string, string?> StandardVariables() =>
        Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Where(variable =>
                Variables.Any(beginning => ((string)variable.Key).StartsWith(beginning, StringComparison.Ordinal))
            )
            .ToDictionary(
                variable => (string)variable.Key,
                variable => (string?)variable.Value,
                StringComparer.OrdinalIgnoreCase
            );
}
