using System.ComponentModel;

namespace Recorder.Http.Settings;

/// <summary>The destination of metrics; section <see cref="Section"/> of the configuration. <c>GET /metrics</c> always
/// serves metrics.</summary>
[Description("Metrics. GET /metrics always serves them to Prometheus, whatever these options say.")]
public sealed class TelemetryOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Telemetry";

    /// <summary>The environment variable that applies when <see cref="OtlpEndpoint"/> is empty.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The OTLP collector that receives metrics, an http or https address.</summary>
    [Description(
        "The OTLP collector that receives metrics, such as http://collector:4317. Empty: the address in "
            + "OTEL_EXPORTER_OTLP_ENDPOINT. Where both are empty, the node sends nothing."
    )]
    public string OtlpEndpoint { get; set; } = "";
}
