using Akka.Actor;
using Akka.Event;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One question to a running session, or one change of it: where is it, then its own word. About a session that is over the placement's list tells
/// all there is, without waking it.
/// </summary>
internal sealed class SessionConversation : ReceiveActor, IWithTimers
{
    /// <summary>A session that does not tell its live figures within this is answered for from the list.</summary>
    public static readonly TimeSpan DetailsLimit = TimeSpan.FromSeconds(1);

    /// <summary>Longer than a session's own limit for its media side, which is 5 s.</summary>
    public static readonly TimeSpan ChangeLimit = TimeSpan.FromSeconds(8);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ISessionRequest _request;
    private readonly IActorRef _asker;
    private readonly Farm _farm;
    private readonly HttpOptions _limits;

    public SessionConversation(ISessionRequest request, IActorRef asker, Farm farm, HttpOptions limits)
    {
        _request = request;
        _asker = asker;
        _farm = farm;
        _limits = limits;
        Receive<SessionUnknown>(_ => Finish(EdgeRefusal.NoSuchSession(request.Id)));
        Receive<SessionLocation>(location =>
        {
            if (location.Summary.IsOver())
            {
                Finish(WhenOver(location.Summary));
                return;
            }

            LimitTo(LimitOf(request));
            Become(() => Asking(location.Summary));
            _farm.Tell(MessageOf(location.Slot), Self);
        });
        Receive<LimitReached>(_ => Finish(PlacementQuery.NoAnswer(limits.PlacementTimeout)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ISessionRequest request, IActorRef asker, Farm farm, HttpOptions limits) =>
        Akka.Actor.Props.Create(() => new SessionConversation(request, asker, farm, limits));

    /// <summary>How long the session may take.</summary>
    public static TimeSpan LimitOf(ISessionRequest request) => request is FindDetails ? DetailsLimit : ChangeLimit;

    protected override void PreStart()
    {
        LimitTo(_limits.PlacementTimeout);
        _farm.Tell(new LocateSession(_request.Id), Self);
    }

    private void Asking(SessionSummary listed)
    {
        Receive<SessionDetails>(details => Finish(new DetailsFound(details)));
        Receive<DetailsUnavailable>(_ => Finish(new DetailsFound(Listed(listed))));
        Receive<SessionChanged>(changed =>
        {
            _log.Info("Session {0} is changed: {1}", _request.Id, _request.GetType().Name);
            Finish(new DetailsFound(changed.Details));
        });
        Receive<ChangeRefused>(refused => Finish(new EdgeRefusal(refused.Code, refused.Message)));
        Receive<SessionThumbnail>(thumbnail => Finish(new ThumbnailFound(thumbnail.Jpeg, thumbnail.At)));
        Receive<ThumbnailUnavailable>(none => Finish(new EdgeRefusal(none.Code, none.Message)));
        Receive<LimitReached>(_ =>
        {
            _log.Warning("Session {0} did not answer {1} within {2}", _request.Id, _request.GetType().Name, LimitOf(_request));
            Finish(_request is FindDetails
                ? new DetailsFound(Listed(listed))
                : new EdgeRefusal(
                    FaultCode.Unavailable,
                    $"Session {_request.Id} did not answer within {LimitOf(_request).TotalSeconds:0.#} s; look at GET /api/sessions/{_request.Id} and try again.")
                {
                    RetryAfter = TimeSpan.FromSeconds(5),
                });
        });
    }

    private EdgeReply WhenOver(SessionSummary listed) => _request is FindDetails
        ? new DetailsFound(Listed(listed))
        : new EdgeRefusal(FaultCode.NotRunning, $"Session {_request.Id} does not run any more.");

    private static SessionDetails Listed(SessionSummary listed) => new(listed, listed.Outputs, null, null, listed.PausedSince is not null);

    private ISessionMessage MessageOf(int slot) => _request switch
    {
        FindDetails find => new GetSession(find.Id, slot),
        FindThumbnail find => new GetThumbnail(find.Id, slot),
        RetargetSession change => new ChangeTargets(change.Id, slot, change.Add, change.Remove),
        HoldSession { Hold: true } hold => new PauseSession(hold.Id, slot),
        HoldSession hold => new ContinueSession(hold.Id, slot),
        _ => throw new InvalidOperationException($"{_request.GetType().Name} is no question for a session."),
    };

    private void Finish(EdgeReply reply)
    {
        _asker.Tell(reply);
        Context.Stop(Self);
    }

    private void LimitTo(TimeSpan limit) => Timers.StartSingleTimer(nameof(LimitReached), LimitReached.Instance, limit);
}
