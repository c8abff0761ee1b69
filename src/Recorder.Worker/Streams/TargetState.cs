using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams;

/// <summary>
/// The state of a stream target: tried for the first time, active, or retried for as long as the session lasts. Pure:
/// only the record's own functions change the state.
/// </summary>
/// <param name="State">The state that is reported.</param>
/// <param name="Since">When that state began.</param>
/// <param name="Reason">Why the target is retried or failed, or what an active target waits for.</param>
/// <param name="Retries">How often the target was tried again.</param>
/// <param name="AbsentSince">When the target last took the stream, or was first tried; null while the target steadily
/// takes the stream.</param>
/// <param name="Failures">Number of failures since <paramref name="AbsentSince"/>.</param>
internal sealed record TargetState(
    WorkerOutputState State,
    DateTimeOffset Since,
    string? Reason,
    int Retries,
    DateTimeOffset? AbsentSince,
    int Failures
)
{
    /// <summary>A target that takes the stream for less than this time is treated like a target that does not take the
    /// stream.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.5);

    // A target that comes back within the first minute has to get the stream within 3 s, connecting included.
    private static readonly TimeSpan ShortAbsence = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortAbsenceDelay = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15);

    // Spreads the tries of several targets on one server that was restarted.
    private const double JitterShare = 0.2;

    /// <summary>A target that has not been tried yet.</summary>
    public static TargetState Starting(DateTimeOffset at) => new(WorkerOutputState.Starting, at, null, 0, at, 0);

    /// <summary>The target is tried again.</summary>
    public TargetState TriedAgain() => this with { Retries = Retries + 1 };

    /// <summary>The server has accepted the stream.</summary>
    public TargetState Accepted(DateTimeOffset at) =>
        this with
        {
            State = WorkerOutputState.Active,
            Since = at,
            Reason = null,
        };

    /// <summary>The target is active, and waits for <paramref name="what"/> before media flows; null: media
    /// flows.</summary>
    public TargetState WaitsFor(string? what) => this with { Reason = what };

    /// <summary>The target refused the stream, went away or stalled.</summary>
    /// <param name="reason">The server's words or the worker's words, without secrets.</param>
    /// <param name="at">When that happened.</param>
    /// <param name="chance">A random number from 0 up to 1, drawn anew each time.</param>
    /// <returns>The state, and how long to wait before the next try.</returns>
    public (TargetState Next, TimeSpan Delay) Lost(string reason, DateTimeOffset at, double chance)
    {
        var wasSteady = State == WorkerOutputState.Active && at - Since >= Steady;
        var absentSince = wasSteady ? at : AbsentSince ?? at;
        var failures = wasSteady ? 1 : Failures + 1;
        var next = this with
        {
            State = WorkerOutputState.Retrying,
            Since = State == WorkerOutputState.Retrying ? Since : at,
            Reason = reason,
            AbsentSince = absentSince,
            Failures = failures,
        };
        var longest = at - absentSince < ShortAbsence ? ShortAbsenceDelay : LongestDelay;
        var doubled = FirstDelay * Math.Pow(2, Math.Min(failures - 1, 16));
        return (next, (doubled < longest ? doubled : longest) * (1 - (JitterShare * chance)));
    }

    /// <summary>The target cannot work on this node, whatever the server does.</summary>
    public TargetState Failed(string reason, DateTimeOffset at) =>
        this with
        {
            State = WorkerOutputState.Failed,
            Since = at,
            Reason = reason,
        };

    /// <summary>The target was removed, or the session has ended.</summary>
    public TargetState Closed(DateTimeOffset at) =>
        State == WorkerOutputState.Failed
            ? this
            : this with
            {
                State = WorkerOutputState.Finished,
                Since = at,
                Reason = null,
            };
}
