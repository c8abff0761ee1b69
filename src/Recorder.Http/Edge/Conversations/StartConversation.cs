using Akka.Actor;
using Akka.Event;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One start: admission by the placement, then the session's own word that it records. A start that has outlived a
/// limit is answered as failed and then undone, not left behind.
/// </summary>
internal sealed class StartConversation : ReceiveActor, IWithTimers
{
    /// <summary>A message between two nodes may be lost, so a session is told to start until it answers; it takes the same start as often as it comes.</summary>
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromSeconds(5);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly BeginSession _request;
    private readonly IActorRef _asker;
    private readonly Farm _farm;
    private readonly HttpOptions _limits;

    public StartConversation(BeginSession request, IActorRef asker, Farm farm, HttpOptions limits)
    {
        _request = request;
        _asker = asker;
        _farm = farm;
        _limits = limits;
        Admitting();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(BeginSession request, IActorRef asker, Farm farm, HttpOptions limits) =>
        Akka.Actor.Props.Create(() => new StartConversation(request, asker, farm, limits));

    protected override void PreStart()
    {
        LimitTo(_limits.PlacementTimeout);
        _farm.Tell(new AdmitSession(_request.Spec, _request.IdempotencyKey) { Within = _limits.PlacementTimeout }, Self);
    }

    private void Admitting()
    {
        Receive<SessionAdmitted>(admitted =>
        {
            _log.Info("Session {0} is admitted to {1}, slot {2}", admitted.Id, admitted.Node, admitted.Slot);
            LimitTo(_limits.StartTimeout);
            Become(() => Starting(admitted));
            _farm.Tell(new StartSession(admitted.Id, admitted.Slot, _request.Spec), Self);
            Timers.StartPeriodicTimer(nameof(TellStart), TellStart.Instance, TellAgainAfter);
        });
        Receive<AdmissionRefused>(refused =>
        {
            _log.Info("A start is refused: {0} {1}", refused.Code, refused.Message);
            Finish(new EdgeRefusal(refused.Code, refused.Message) { Nodes = refused.Nodes, RetryAfter = refused.RetryAfter });
        });
        Receive<IdempotencyConflict>(conflict =>
            Finish(new EdgeRefusal(ErrorCode.IdempotencyConflict, conflict.Message) { Field = Requests.IdempotencyKeyParser.Header }));
        Receive<LimitReached>(_ =>
        {
            // The placement refuses what it cannot take in time; without its node, an admission that comes later is ended by the next placement, which
            // never hears of its session, or taken up by the next try with the same idempotency key.
            _log.Warning("The placement did not answer a start within {0}", _limits.PlacementTimeout);
            Finish(PlacementQuery.NoAnswer(_limits.PlacementTimeout));
        });
    }

    private void Starting(SessionAdmitted admitted)
    {
        Receive<TellStart>(_ => _farm.Tell(new StartSession(admitted.Id, admitted.Slot, _request.Spec), Self));
        Receive<SessionRecords>(records =>
        {
            _log.Info("Session {0} has started", admitted.Id);
            Finish(new SessionStarted(admitted.Id, records.Endpoint));
        });
        Receive<StartFailed>(failed =>
        {
            _log.Warning("Session {0} did not start: {1} {2}", admitted.Id, failed.Code, AddressRedaction.Of(failed.Message));
            Finish(new EdgeRefusal(failed.Code, failed.Message));
        });
        Receive<LimitReached>(_ =>
        {
            _log.Warning("Session {0} wrote no frame within {1}; its start is undone", admitted.Id, _limits.StartTimeout);
            _asker.Tell(new EdgeRefusal(
                FaultCode.StartTimeout,
                $"Session {admitted.Id} wrote no frame within {_limits.StartTimeout.TotalSeconds:0.#} s and is being stopped; "
                + "look at GET /api/sessions/" + admitted.Id + " for its faults and try again."));
            Undo(admitted);
        });
    }

    private void Undo(SessionAdmitted admitted)
    {
        Timers.Cancel(nameof(TellStart));
        LimitTo(_limits.StopTimeout);
        Become(() =>
        {
            Receive<StopDone>(_ =>
            {
                _log.Info("The start of session {0} is undone", admitted.Id);
                Context.Stop(Self);
            });
            Receive<StopFailed>(failed =>
            {
                _log.Warning(
                    "The start of session {0} could not be undone: {1} {2}", admitted.Id, failed.Code, AddressRedaction.Of(failed.Message));
                Context.Stop(Self);
            });
            Receive<StartReply>(_ => { });
            Receive<LimitReached>(_ =>
            {
                _log.Warning("The start of session {0} was not undone within {1}", admitted.Id, _limits.StopTimeout);
                Context.Stop(Self);
            });
        });
        _farm.Tell(new StopSession(admitted.Id, admitted.Slot), Self);
    }

    private void Finish(EdgeReply reply)
    {
        _asker.Tell(reply);
        Context.Stop(Self);
    }

    private void LimitTo(TimeSpan limit) => Timers.StartSingleTimer(nameof(LimitReached), LimitReached.Instance, limit);

    private sealed record TellStart
    {
        public static TellStart Instance { get; } = new();
    }
}
