using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Media;

/// <summary>
/// Records one picture of an empty page at the start of a node and throws the record away. The log then shows whether
/// this host can record at all. The rehearsal also loads everything that is loaded for the first time: the parts'
/// programs, the browser's pages on disk, our own code. The first session then does not pay for that loading. The
/// rehearsal gives way to a session at once.
/// </summary>
internal sealed class RehearsalActor : ReceiveActor
{
    private static readonly PageSessionSpec Spec = new(new Uri("about:blank"))
    {
        Video = new VideoSettings
        {
            Width = 640,
            Height = 360,
            Framerate = 10,
            Bitrate = 500,
        },
    };

    private readonly SessionMedia _media;
    private readonly string _folder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Makes the actor; the rehearsal begins when the actor starts.</summary>
    /// <param name="media">The media side of this node.</param>
    /// <param name="folder">A folder for the record; the folder is removed at the end.</param>
    public RehearsalActor(SessionMedia media, string folder)
    {
        _media = media;
        _folder = folder;
        Receive<FirstFrameWritten>(_ =>
        {
            _log.Info(
                "This node can record: a rehearsal took {0:0} ms to its first picture.",
                Stopwatch.GetElapsedTime(_began).TotalMilliseconds
            );
            Sender.Tell(new FinishRecording());
        });
        Receive<MediaFailed>(failed =>
        {
            _log.Warning("This node cannot record at present ({0}): {1}", failed.Code, failed.Message);
            Context.Stop(Self);
        });
        Receive<RecordFinished>(_ => Context.Stop(Self));
        Receive<RecordUnrecoverable>(_ => Context.Stop(Self));
        Receive<GiveWay>(_ =>
        {
            _log.Debug("The rehearsal gives way to a session.");
            Context.Stop(Self);
        });
        ReceiveAny(_ =>
        { /* It goes on by itself. */
        });
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Directory.CreateDirectory(_folder);
        _media.FirstSession.PipeTo(Self, success: () => new GiveWay());
        Context
            .ActorOf(_media.Rehearsal(), "media")
            .Tell(new BeginRecording(1, Spec, Path.Combine(_folder, "rehearsal.mp4")));
    }

    /// <inheritdoc/>
    protected override void PostStop() => Processes.RunDirectory.Remove(_folder);

    /// <summary>Tells the rehearsal to give way to the first session. The message usually arrives long after the
    /// rehearsal has ended.</summary>
    private sealed record GiveWay : IDeadLetterSuppression;
}
