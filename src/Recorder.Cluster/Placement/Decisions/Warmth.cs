namespace Recorder.Cluster.Placement.Decisions;

/// <summary>How much a placement that has begun knows of its farm, and so what it may decide for sessions that it
/// found.</summary>
internal enum Warmth
{
    /// <summary>Nodes have yet to tell what they hold and keep. No session is moved, so that the first node to report
    /// is not given everything.</summary>
    Gathering,

    /// <summary>
    /// Sessions have yet to tell where they run. Sessions that lost their node are moved; sessions that only seem to be
    /// on the wrong node are not.
    /// </summary>
    Hearing,

    /// <summary>Whoever could tell something has told it. Everything is decided.</summary>
    Ready,
}
