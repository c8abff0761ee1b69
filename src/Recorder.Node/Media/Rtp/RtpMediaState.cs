using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;

namespace Recorder.Node.Media.Rtp;

/// <summary>What the media side of an RTP session is and knows: a worker, and nothing else.</summary>
internal sealed record RtpMediaState
{
    /// <summary>The record, its worker and how both end; <see cref="MediaPhase.Recording"/> from the bound ports
    /// on.</summary>
    public WorkerLife Life { get; init; } =
        new()
        {
            StoppedAtStart = "It was stopped before its ports were bound.",
            CodeOfNothing = FaultCode.SenderSilent,
        };

    /// <summary>The session's id.</summary>
    public required SessionId Session { get; init; }

    /// <summary>Where ports are bound.</summary>
    public required RtpReach Reach { get; init; }

    /// <summary>Below this much free space in the records folder, in bytes, the worker finalises.</summary>
    public long MinimumFreeBytes { get; init; }

    /// <summary>What is recorded.</summary>
    public RtpSessionSpec? Spec { get; init; }

    /// <summary>Where an earlier worker received.</summary>
    public RtpEndpoint? Earlier { get; init; }
}

/// <summary>A state and what led to it asks for.</summary>
internal sealed record RtpMediaStep(RtpMediaState State, ImmutableList<MediaEffect> Effects)
{
    /// <summary>Nothing changes.</summary>
    public static RtpMediaStep None(RtpMediaState state) => new(state, []);

    /// <summary>The step of the record and its worker.</summary>
    public static RtpMediaStep Of(RtpMediaState state, WorkerLifeStep step) =>
        new(state with { Life = step.Life }, step.Effects);
}
