using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;

namespace Recorder.Node.Media.Rtp;

/// <summary>The state of an RTP session's media side, whose only part is a worker.</summary>
internal sealed record RtpMediaState
{
    /// <summary>The record, its worker and how both end. The phase is <see cref="MediaPhase.Recording"/> once the ports
    /// are bound.</summary>
    public WorkerLife Life { get; init; } =
        new()
        {
            StoppedAtStart = "It was stopped before its ports were bound.",
            CodeOfNothing = FaultCode.SenderSilent,
        };

    /// <summary>The session's id.</summary>
    public required SessionId Session { get; init; }

    /// <summary>The address on which ports are bound.</summary>
    public required RtpReach Reach { get; init; }

    /// <summary>Least free space in the records folder, in bytes; with less, the worker finalises.</summary>
    public long MinimumFreeBytes { get; init; }

    /// <summary>What is recorded.</summary>
    public RtpSessionSpec? Spec { get; init; }

    /// <summary>The endpoint on which an earlier worker received; null when there was none.</summary>
    public RtpEndpoint? Earlier { get; init; }
}

/// <summary>The next state and the effects to carry out.</summary>
internal sealed record RtpMediaStep(RtpMediaState State, ImmutableList<MediaEffect> Effects)
{
    /// <summary>The step that changes nothing.</summary>
    public static RtpMediaStep None(RtpMediaState state) => new(state, []);

    /// <summary>Turns the step of the record and its worker into a step of the RTP side.</summary>
    public static RtpMediaStep Of(RtpMediaState state, WorkerLifeStep step) =>
        new(state with { Life = step.Life }, step.Effects);
}
