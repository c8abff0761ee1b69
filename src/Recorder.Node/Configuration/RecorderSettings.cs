using Recorder.Cluster.Hosting;
using Recorder.Http.Settings;
using Recorder.Node.Delivery;
using Recorder.Node.Parts;

namespace Recorder.Node.Configuration;

/// <summary>All settings of a node, bound from the section <c>Recorder</c>.</summary>
internal sealed class RecorderSettings
{
    /// <summary>The section that contains all options.</summary>
    public const string Section = "Recorder";

    /// <summary>The options of the node as a process.</summary>
    public NodeOptions Node { get; } = new();

    /// <summary>The options of the cluster side.</summary>
    public RecorderClusterOptions Cluster { get; } = new();

    /// <summary>The options of the media side.</summary>
    public MediaOptions Media { get; private init; } = new();

    /// <summary>The destinations of closed records.</summary>
    public DeliveryOptions Delivery { get; } = new();

    /// <summary>The destinations by their names.</summary>
    public DestinationsOptions Destinations { get; } = new();

    /// <summary>The options of the HTTP edge.</summary>
    public HttpOptions Http { get; } = new();

    /// <summary>The destination of metrics.</summary>
    public TelemetryOptions Telemetry { get; } = new();

    /// <summary>The profiles of the farm.</summary>
    public ProfileOptions Profiles { get; } = new();

    /// <summary>All options, in the order of the classes.</summary>
    public static IReadOnlyList<RecorderOption> Options { get; } =
    [
        .. RecorderOption.Under("", new NodeOptions()),
        .. RecorderOption.Under(HttpOptions.Section, new HttpOptions()),
        .. RecorderOption.Under(TelemetryOptions.Section, new TelemetryOptions()),
        .. RecorderOption.Under(ProfileOptions.Section, new ProfileOptions()),
        .. RecorderOption.Under(MediaOptions.Section, new MediaOptions()),
        .. RecorderOption.Under(DeliveryOptions.Section, new DeliveryOptions()),
        .. RecorderOption.Under("", new DestinationsOptions()),
        .. RecorderOption.Under("", new RecorderClusterOptions()),
    ];

    /// <summary>The settings of a node that makes one record and belongs to no farm. Only what concerns the media side,
    /// the log and the disk is taken over: a farm's database, destinations, webhooks and keys are not this node's.
    /// </summary>
    /// <param name="data">The node's data folder.</param>
    /// <param name="records">The folder of the record.</param>
    /// <param name="named">What the caller names, and may therefore be reached.</param>
    public RecorderSettings ForOneRecord(string data, string records, IEnumerable<string> named)
    {
        var own = new RecorderSettings { Media = Media };
        own.Node.Data = data;
        own.Node.DiskLowWater = Node.DiskLowWater;

        // A person watches this command, and wants to read what goes wrong only.
        own.Node.LogLevel = Node.LogLevel == LogLevel.Information ? LogLevel.Warning : Node.LogLevel;
        own.Media.RecordsFolder = records;
        own.Media.RunRoot = "";
        own.Http.Listen = "http://127.0.0.1:0";
        own.Cluster.Remoting.Port = 0;
        own.Cluster.Network.Private = Cluster.Network.Private;
        own.Cluster.Network.WebRtcUdp = Cluster.Network.WebRtcUdp;
        foreach (var entry in Cluster.Network.Allow.Concat(named))
        {
            own.Cluster.Network.Allow.Add(entry);
        }
        foreach (var (name, secret) in Cluster.Secrets)
        {
            own.Cluster.Secrets.Add(name, secret);
        }
        foreach (var entry in Cluster.Network.Deny)
        {
            own.Cluster.Network.Deny.Add(entry);
        }
        return own;
    }

    /// <summary>Binds the section of a configuration that <see cref="NodeConfiguration"/> has checked.</summary>
    public static RecorderSettings Bind(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var settings = new RecorderSettings();
        section.Bind(settings.Node);
        section.Bind(settings.Cluster);
        section.GetSection(HttpOptions.Section).Bind(settings.Http);
        section.GetSection(TelemetryOptions.Section).Bind(settings.Telemetry);
        section.GetSection(ProfileOptions.Section).Bind(settings.Profiles);
        section.GetSection(MediaOptions.Section).Bind(settings.Media);
        section.GetSection(DeliveryOptions.Section).Bind(settings.Delivery);
        section.Bind(settings.Destinations);
        return settings;
    }
}
