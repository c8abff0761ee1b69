namespace Recorder.Cluster.Placement.Decisions;

/// <summary>How much a placement that has begun knows of its farm. The warmth limits what the placement may decide
/// for the sessions in its list.</summary>
internal enum Warmth
{
    /// <summary>Nodes have yet to report their capacity and the media they keep. No session is moved, so that the
    /// first node to report does not get all sessions.</summary>
    Gathering,

    /// <summary>
    /// Sessions have yet to report where they run. Sessions that lost their node are moved. Sessions that only seem
    /// to be on the wrong node are not moved.
    /// </summary>
    Hearing,

    /// <summary>The time for all reports has passed. Everything is decided.</summary>
    Ready,
}
