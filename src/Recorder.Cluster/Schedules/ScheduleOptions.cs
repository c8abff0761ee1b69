using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Schedules;

/// <summary>Sessions that start without a caller; section <c>Recorder:Schedules</c> of the configuration.</summary>
[Description("Sessions that start without a caller.")]
public sealed class ScheduleOptions
{
    /// <summary>How long before the start of a scheduled session its place is reserved.</summary>
    [Description(
        "How long before a scheduled session its place in the farm is reserved. Meanwhile a start that would take the "
            + "place is refused as at_capacity. 0 s: nothing is reserved. The oldest recorder's word counts."
    )]
    [Range("0 s", "1 d")]
    public TimeSpan Hold { get; set; } = TimeSpan.FromMinutes(10);
}
