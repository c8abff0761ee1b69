using System.Collections.Immutable;

using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Rtp;

/// <summary>What the media side of an RTP session is and knows: a worker, and nothing else.</summary>
internal sealed record RtpMediaState
{
    /// <summary>Where in its life it is; <see cref="MediaPhase.Recording"/> from the bound ports on.</summary>
    public MediaPhase Phase { get; init; }

    /// <summary>The session's id.</summary>
    public required SessionId Session { get; init; }

    /// <summary>Where ports are bound.</summary>
    public required RtpReach Reach { get; init; }

    /// <summary>Below this much free space in the records folder, in bytes, the worker finalises.</summary>
    public long MinimumFreeBytes { get; init; }

    /// <summary>What is recorded.</summary>
    public RtpSessionSpec? Spec { get; init; }

    /// <summary>The record being written, or the last one.</summary>
    public string RecordPath { get; init; } = "";

    /// <summary>Where an earlier worker received.</summary>
    public RtpEndpoint? Earlier { get; init; }

    /// <summary>Whether the present worker has a picture in its file.</summary>
    public bool FirstFrame { get; init; }

    /// <summary>What the present worker failed with.</summary>
    public WorkerEvent.Failed? Failed { get; init; }

    /// <summary>What the present worker said of the end of its record.</summary>
    public IMediaEvent? Closed { get; init; }

    /// <summary>Whether the record that was open must be repaired when everything has ended.</summary>
    public bool RepairAtEnd { get; init; }

    /// <summary>What is told once everything has ended.</summary>
    public ImmutableList<IMediaEvent> Final { get; init; } = [];
}

/// <summary>A state and what led to it asks for.</summary>
internal sealed record RtpMediaStep(RtpMediaState State, ImmutableList<MediaEffect> Effects)
{
    /// <summary>Nothing changes.</summary>
    public static RtpMediaStep None(RtpMediaState state) => new(state, []);
}
