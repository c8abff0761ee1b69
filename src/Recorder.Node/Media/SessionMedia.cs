using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Rtp;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Workers;
using Recorder.Worker.Network;

namespace Recorder.Node.Media;

/// <summary>The media side of this node's sessions: real displays, sound servers, browsers and workers.</summary>
internal sealed class SessionMedia(
    IMediaChildren children,
    RunRoot root,
    MediaOptions options,
    RtpReach reach,
    NetworkRules network,
    IRecordsFolder? folder = null,
    PosterMaker? posters = null
) : ISessionMedia
{
    private readonly TaskCompletionSource _firstSession = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public string RecordsFolder { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.RecordsFolder));

    /// <summary>Completes when a session asks for its media for the first time.</summary>
    public Task FirstSession => _firstSession.Task;

    /// <inheritdoc/>
    public Props MediaOf(SessionId session, SessionSpec spec)
    {
        _firstSession.TrySetResult();
        return spec is RtpSessionSpec
            ? Props.Create(() =>
                new RtpMediaActor(session, reach, children.Worker, root, options.MinimumFree.Bytes, folder)
            )
            : Props.Create(() =>
                new MediaActor(
                    session,
                    children,
                    root,
                    options.MinimumFree.Bytes,
                    options.Authorities,
                    reach.Address,
                    network,
                    folder
                )
            );
    }

    /// <inheritdoc/>
    public Task<string?> MakePosterAsync(SessionId session, string record, string picture) =>
        posters?.MakeAsync(session, record, picture)
        ?? Task.FromResult<string?>("This node makes no pictures of records.");

    /// <summary>Media that belongs to no session, for a record that nobody keeps.</summary>
    public Props Rehearsal() =>
        Props.Create(() => new MediaActor(new SessionId(0), children, root, 0, "", reach.Address, network, null));
}
