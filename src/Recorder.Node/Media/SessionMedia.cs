using Akka.Actor;

using Recorder.Cluster.Sessions;
using Recorder.Node.Processes;

namespace Recorder.Node.Media;

/// <summary>The media side of this node's sessions: real displays, sound servers, browsers and workers.</summary>
internal sealed class SessionMedia(IMediaChildren children, RunRoot root, MediaOptions options) : ISessionMedia
{
    /// <inheritdoc/>
    public string RecordsFolder { get; } = Path.GetFullPath(options.RecordsFolder);

    /// <inheritdoc/>
    public Props MediaOf(SessionId session) => Props.Create(() => new MediaActor(session, children, root, options));
}
