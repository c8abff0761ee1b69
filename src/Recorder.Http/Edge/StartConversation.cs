using Akka.Actor;
using Akka.Event;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;
using Recorder.Http.Answers;

namespace Recorder.Http.Edge;

/// <summary>
/// One start: admission by the placement, then the session's own word that it records. A start that has outlived a
/// limit is answered as failed and then undone, not left behind.
/// </summary>
internal sealed class StartConversation : ReceiveActor, IWithTimers
{
    /// <summary>How long an admission that came too late is still waited for, to be undone.</summary>
    private static readonly TimeSpan LateAdmissionWindow = TimeSpan.FromMinutes(1);

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
        _farm.Tell(new AdmitSession(_request.Spec, _request.IdempotencyKey), Self);
    }

    private void Admitting()
    {
        Receive<SessionAdmitted>(admitted =>
        {
            _log.Info("Session {0} is admitted to {1}, slot {2}", admitted.Id, admitted.Node, admitted.Slot);
            LimitTo(_limits.StartTimeout);
            Become(() => Starting(admitted));
            _farm.Tell(new StartSession(admitted.Id, admitted.Slot, _request.Spec), Self);
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
            _log.Warning("The placement did not answer a start within {0}", _limits.PlacementTimeout);
            _asker.Tell(PlacementQuery.NoAnswer(_limits.PlacementTimeout));
            LimitTo(LateAdmissionWindow);
            Become(AdmittedTooLate);
        });
    }

    private void Starting(SessionAdmitted admitted)
    {
        Receive<SessionRecords>(_ =>
        {
            _log.Info("Session {0} records", admitted.Id);
            Finish(new SessionStarted(admitted.Id));
        });
        Receive<StartFailed>(failed =>
        {
            _log.Warning("Session {0} did not start: {1} {2}", admitted.Id, failed.Code, Redaction.Of(failed.Message));
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

    /// <summary>
    /// The caller was told that nothing started. With an idempotency key the next try gets this very session, so it is left
    /// to that; without one nobody would ever ask for it.
    /// </summary>
    private void AdmittedTooLate()
    {
        Receive<SessionAdmitted>(admitted =>
        {
            if (_request.IdempotencyKey is not null)
            {
                Context.Stop(Self);
                return;
            }

            _log.Warning("Session {0} was admitted after its caller had been answered; it is undone", admitted.Id);
            Undo(admitted);
        });
        Receive<AdmissionReply>(_ => Context.Stop(Self));
        Receive<LimitReached>(_ => Context.Stop(Self));
    }

    private void Undo(SessionAdmitted admitted)
    {
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
                _log.Error("The start of session {0} could not be undone: {1} {2}", admitted.Id, failed.Code, Redaction.Of(failed.Message));
                Context.Stop(Self);
            });
            Receive<StartReply>(_ => { });
            Receive<LimitReached>(_ =>
            {
                _log.Error("The start of session {0} was not undone within {1}", admitted.Id, _limits.StopTimeout);
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
}
