using Recorder.Cluster.Hosting;
using Recorder.Http.Settings;
using Recorder.Node.Delivery;
using Recorder.Node.Parts;

namespace Recorder.Node.Configuration;

/// <summary>Everything that can be set about a node, bound from the section <c>Recorder</c>.</summary>
internal sealed class RecorderSettings
{
    /// <summary>The one section all options are in.</summary>
    public const string Section = "Recorder";

    /// <summary>The node as a process.</summary>
    public NodeOptions Node { get; } = new();

    /// <summary>The cluster side.</summary>
    public RecorderClusterOptions Cluster { get; } = new();

    /// <summary>The media side.</summary>
    public MediaOptions Media { get; } = new();

    /// <summary>Where records go when they are closed.</summary>
    public DeliveryOptions Delivery { get; } = new();

    /// <summary>The HTTP edge.</summary>
    public HttpOptions Http { get; } = new();

    /// <summary>Where metrics are sent.</summary>
    public TelemetryOptions Telemetry { get; } = new();

    /// <summary>Every option there is, in the order of the classes.</summary>
    public static IReadOnlyList<RecorderOption> Options { get; } =
    [
        .. RecorderOption.Under("", new NodeOptions()),
        .. RecorderOption.Under(HttpOptions.Section, new HttpOptions()),
        .. RecorderOption.Under(TelemetryOptions.Section, new TelemetryOptions()),
        .. RecorderOption.Under(MediaOptions.Section, new MediaOptions()),
        .. RecorderOption.Under(DeliveryOptions.Section, new DeliveryOptions()),
        .. RecorderOption.Under("", new RecorderClusterOptions()),
    ];

    /// <summary>Binds the section of a configuration that <see cref="NodeConfiguration"/> has found in order.</summary>
    public static RecorderSettings Bind(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var settings = new RecorderSettings();
        section.Bind(settings.Node);
        section.Bind(settings.Cluster);
        section.GetSection(HttpOptions.Section).Bind(settings.Http);
        section.GetSection(TelemetryOptions.Section).Bind(settings.Telemetry);
        section.GetSection(MediaOptions.Section).Bind(settings.Media);
        section.GetSection(DeliveryOptions.Section).Bind(settings.Delivery);
        return settings;
    }
}
