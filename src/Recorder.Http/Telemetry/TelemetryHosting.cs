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

/// <summary>Collects the node's metrics, for scrapes and for an OTLP collector if one is set.</summary>
internal static class TelemetryHosting
{
    private const string ServiceName = "recorder";

    /// <summary>
    /// The beginnings of the standard variables that apply. The variable that turns OpenTelemetry off is not among
    /// them, because scrapes are always answered.
    /// </summary>
    private static readonly string[] Variables =
    [
        "OTEL_EXPORTER_OTLP_",
        "OTEL_METRIC_EXPORT_",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_SERVICE_NAME",
    ];

    /// <summary>Adds the collection of metrics.</summary>
    /// <exception cref="OptionsValidationException">The address to send to is invalid. The exporter itself would
    /// silently use its default address.</exception>
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
                // The scraper knows which node it scrapes, and recorder_build_info tells the version.
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
