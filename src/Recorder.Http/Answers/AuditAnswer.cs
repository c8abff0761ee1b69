using Recorder.Cluster.Audit;

namespace Recorder.Http.Answers;

/// <summary>A call that changed something, that tried to, or that was refused.</summary>
/// <param name="Number">The place among all lines of the farm, counted upwards.</param>
/// <param name="At">When the call was answered.</param>
/// <param name="Node">The cluster address of the node that answered.</param>
/// <param name="Who">The name of the caller's key; or loopback, page, unknown, or recorder.</param>
/// <param name="Address">The caller's address.</param>
/// <param name="Action">The name of the call in this description, such as start; none where there is no such
/// call.</param>
/// <param name="Call">Method and path.</param>
/// <param name="Session">The session that the call is about; null where there is none.</param>
/// <param name="Status">The HTTP status of the answer.</param>
/// <param name="Code">The code of the error; null where there was none.</param>
/// <param name="Detail">What else says what was done; null where nothing does.</param>
public sealed record AuditAnswer(
    long Number,
    DateTimeOffset At,
    string Node,
    string Who,
    string Address,
    string Action,
    string Call,
    int? Session,
    int Status,
    string? Code,
    string? Detail
)
{
    internal static AuditAnswer Of(AuditLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return new(
            line.Number,
            line.At,
            line.Node,
            line.Who,
            line.Address,
            line.Action,
            line.Call,
            line.Session?.Value,
            line.Status,
            line.Code,
            line.Detail
        );
    }
}
