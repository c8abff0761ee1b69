using Akka.Actor;
using Akka.Event;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One stop: where is the session, then its word that the record is final. A session that is over already is answered
/// from what the placement knows, without waking it.
/// </summary>
internal sealed class StopConversation : ReceiveActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly SessionId _id;
    private readonly IActorRef _asker;
    private readonly Farm _farm;
    private readonly HttpOptions _limits;

    public StopConversation(EndSession request, IActorRef asker, Farm farm, HttpOptions limits)
    {
        _id = request.Id;
        _asker = asker;
        _farm = farm;
        _limits = limits;
        Locating();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(EndSession request, IActorRef asker, Farm farm, HttpOptions limits) =>
        Akka.Actor.Props.Create(() => new StopConversation(request, asker, farm, limits));

    protected override void PreStart()
    {
        LimitTo(_limits.PlacementTimeout);
        _farm.Tell(new LocateSession(_id), Self);
    }

    private void Locating()
    {
        Receive<SessionUnknown>(_ => Finish(EdgeRefusal.NoSuchSession(_id)));
        Receive<SessionLocation>(location =>
        {
            if (location.Summary.IsOver())
            {
                Finish(new SessionStopped(_id));
                return;
            }

            LimitTo(_limits.StopTimeout);
            Become(Stopping);
            _farm.Tell(new StopSession(_id, location.Slot), Self);
        });
        Receive<LimitReached>(_ =>
        {
            _log.Warning("The placement did not say within {0} where session {1} is", _limits.PlacementTimeout, _id);
            Finish(PlacementQuery.NoAnswer(_limits.PlacementTimeout));
        });
    }

    private void Stopping()
    {
        Receive<StopDone>(_ =>
        {
            _log.Info("Session {0} is stopped", _id);
            Finish(new SessionStopped(_id));
        });
        Receive<StopFailed>(failed =>
        {
            _log.Warning("Session {0} could not be stopped: {1} {2}", _id, failed.Code, AddressRedaction.Of(failed.Message));
            Finish(new EdgeRefusal(failed.Code, failed.Message));
        });
        Receive<LimitReached>(_ =>
        {
            _log.Warning("Session {0} did not stop within {1}", _id, _limits.StopTimeout);
            Finish(new EdgeRefusal(
                FaultCode.Unavailable,
                $"Session {_id} has not finalised its record within {_limits.StopTimeout.TotalSeconds:0.#} s; it goes on stopping, "
                + "so ask GET /api/status or stop it again."));
        });
    }

    private void Finish(EdgeReply reply)
    {
        _asker.Tell(reply);
        Context.Stop(Self);
    }

    private void LimitTo(TimeSpan limit) => Timers.StartSingleTimer(nameof(LimitReached), LimitReached.Instance, limit);
}
