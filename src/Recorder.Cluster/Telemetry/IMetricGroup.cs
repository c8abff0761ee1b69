using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Telemetry;

/// <summary>
/// Metrics of one subject: their names, units and help, and how news become figures. All of this is in the group's
/// own file, so that a further metric changes no other file.
/// </summary>
/// <remarks>
/// News come one at a time. A separate thread reads gauges, so their source is immutable and replaced as a whole. No
/// label holds the id of a session, an address or the name of a person.
/// </remarks>
internal interface IMetricGroup
{
    /// <summary>Takes in one piece of news. Most news do not concern the group.</summary>
    void Hear(INodeNews news);
}
