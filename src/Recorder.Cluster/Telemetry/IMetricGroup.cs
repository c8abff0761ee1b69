using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Telemetry;

/// <summary>
/// Metrics of one subject: their names, units and help, and how news become figures. All are in the group's own file,
/// so that a further metric changes no other file.
/// </summary>
/// <remarks>
/// News come one at a time. Gauges are read by a thread of their own: what they are read from is immutable and replaced
/// as a whole. No label holds the id of a session, an address or the name of a person.
/// </remarks>
internal interface IMetricGroup
{
    /// <summary>Takes in one piece of news; most are of no concern to a group.</summary>
    void Hear(INodeNews news);
}
