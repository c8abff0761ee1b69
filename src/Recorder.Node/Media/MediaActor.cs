using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Browsing;
using Recorder.Node.Media.Life;
using Recorder.Node.Processes;
using Recorder.Worker.Network;

namespace Recorder.Node.Media;

/// <summary>
/// The media child of a session that records a page: carries out what <see cref="MediaDecision"/> decides, over a
/// display, a sound server, a browser and a worker.
/// </summary>
internal sealed class MediaActor : SessionMediaActor
{
    private readonly IMediaChildren _children;
    private MediaState _state;
    private Task? _leaving;

    /// <summary>Makes the actor; it does nothing before its first command.</summary>
    /// <param name="session">The session's id.</param>
    /// <param name="children">Makes the parts.</param>
    /// <param name="root">Where run directories are made.</param>
    /// <param name="minimumFreeBytes">Least free space in the records folder, in bytes. With less, no record begins,
    /// and running records are finalised.</param>
    /// <param name="authorities">A file of certificate authorities that may sign the certificates of stream servers;
    /// empty: only the system's authorities count.</param>
    /// <param name="listenAddress">The address, or the name of an address, on which stream targets that wait for
    /// viewers are bound.</param>
    /// <param name="network">Where streams may go.</param>
    /// <param name="folder">The node's records folder; null where records are not kept.</param>
    public MediaActor(
        SessionId session,
        IMediaChildren children,
        RunRoot root,
        long minimumFreeBytes,
        string authorities,
        string listenAddress,
        NetworkRules network,
        IRecordsFolder? folder = null
    )
        : base(session, children.Worker, root, minimumFreeBytes, folder)
    {
        _children = children;
        _state = MediaState.Initial with
        {
            Session = session,
            MinimumFreeBytes = minimumFreeBytes,
            AuthoritiesFile = authorities.Length == 0 ? null : Path.GetFullPath(authorities),
            ListenAddress = listenAddress,
            Network = network,
        };
    }

    /// <inheritdoc/>
    protected override MediaPhase Phase => _state.Life.Phase;

    /// <inheritdoc/>
    protected override ImmutableList<MediaEffect> Decide(object input)
    {
        (_state, var effects) = MediaDecision.Next(_state, input);
        return effects;
    }

    /// <inheritdoc/>
    protected override void CarryOutOwn(MediaEffect effect)
    {
        switch (effect)
        {
            case MediaEffect.StartDisplay:
                Context.ActorOf(_children.Display(Run, _state.Spec!), "display");
                break;
            case MediaEffect.StartSound:
                Context.ActorOf(_children.Sound(Run), "sound");
                break;
            case MediaEffect.StartBrowser start:
                Context.ActorOf(_children.Browser(Run, start), "browser");
                break;
            case MediaEffect.TellPictures pictures:
                Browser.Tell(new PicturesSeen(pictures.Count));
                break;
            case MediaEffect.WatchPage watch:
                Browser.Tell(new WatchPage(watch.End));
                break;
            case MediaEffect.EnterPage:
                Browser.Tell(new BeginAnyway());
                break;
            case MediaEffect.ShowPage shown:
                Browser.Tell(new ShowPage(shown.Spec));
                break;
            case MediaEffect.TakePagePicture:
                Browser.Tell(TakePagePicture.Instance);
                break;
            case MediaEffect.LeavePage:
                _ = LeaveAsync();
                break;
            default:
                base.CarryOutOwn(effect);
                break;
        }
    }

    /// <inheritdoc/>
    protected override Task LeaveAsync() =>
        _leaving ??= Browser.IsNobody()
            ? Task.CompletedTask
            : Browser.Ask<PageLeft>(LeavePage.Instance, BrowserActor.LeaveLimit * 1.5);

    private static IActorRef Browser => Context.Child("browser");

    /// <inheritdoc/>
    protected override string FaultOf(string child) =>
        child switch
        {
            "display" => FaultCode.DisplayFailed,
            "sound" => FaultCode.SoundFailed,
            "browser" => FaultCode.BrowserFailed,
            _ => base.FaultOf(child),
        };
}
