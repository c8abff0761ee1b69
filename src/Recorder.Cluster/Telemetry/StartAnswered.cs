using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Telemetry;

/// <summary>A start call that this node took has been answered.</summary>
/// <param name="Result"><see cref="Started"/>, or the code of the refusal: one of <see cref="FaultCode"/> or of the
/// edge's own codes.</param>
/// <param name="Took">The time from the call to the answer.</param>
public sealed record StartAnswered(string Result, TimeSpan Took) : INodeNews
{
    /// <summary>The result of a start that succeeded.</summary>
    public const string Started = "started";
}
