using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;
using Recorder.Node.Processes;

namespace Recorder.Node.Media.Rtp;

/// <summary>The media child of an RTP session: carries out the decisions of <see cref="RtpMediaDecision"/> with one
/// worker and no other part.</summary>
internal sealed class RtpMediaActor : SessionMediaActor
{
    private RtpMediaState _state;

    /// <summary>Makes the actor; it does nothing before its first command.</summary>
    public RtpMediaActor(
        SessionId session,
        RtpReach reach,
        Func<RunDirectory, Props> workerOf,
        RunRoot root,
        long minimumFreeBytes,
        IRecordsFolder? folder
    )
        : base(session, workerOf, root, minimumFreeBytes, folder) =>
        _state = new RtpMediaState
        {
            Session = session,
            Reach = reach,
            MinimumFreeBytes = minimumFreeBytes,
        };

    /// <inheritdoc/>
    protected override MediaPhase Phase => _state.Life.Phase;

    /// <inheritdoc/>
    protected override ImmutableList<MediaEffect> Decide(object input)
    {
        (_state, var effects) = RtpMediaDecision.Next(_state, input);
        return effects;
    }
}
