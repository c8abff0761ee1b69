using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Telemetry;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One start: admission by the placement, then the session's own report that it records. A start that exceeds a limit
/// is answered as failed and then undone, not left behind.
/// </summary>
internal sealed class StartConversation(BeginSession request, IActorRef asker, Farm farm, HttpOptions limits)
    : Conversation(asker, farm)
{
    /// <summary>The pause after which a session is told to start again, until the session answers. A message between
    /// two nodes may be lost, and repeating the same start is harmless.</summary>
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromSeconds(5);

    private readonly long _began = Stopwatch.GetTimestamp();
    private int _shard;
    private SessionPhase _phase = SessionPhase.Starting;

    protected override void Begin()
    {
        // The placement refuses a start that it cannot take in time. When the placement's node is lost, an admission
        // may come too late. The next placement then ends the admission, because it never hears of the session; or the
        // next try with the same idempotency key takes up the admission.
        Await(
            limits.PlacementTimeout,
            () => PlacementIsSilent(limits.PlacementTimeout),
            () =>
            {
                Receive<SessionAdmitted>(Start);
                Receive<AdmissionRefused>(refused =>
                {
                    if (!request.OnlyRepeat)
                    {
                        Log.Info("A start is refused: {0} {1}", refused.Code, refused.Message);
                    }
                    Finish(
                        new EdgeRefusal(refused.Code, refused.Message)
                        {
                            Nodes = refused.Nodes,
                            RetryAfter = refused.RetryAfter,
                        }
                    );
                });
                Receive<IdempotencyConflict>(conflict =>
                    Finish(
                        new EdgeRefusal(ErrorCode.IdempotencyConflict, conflict.Message)
                        {
                            Field = IdempotencyKeyParser.Header,
                        }
                    )
                );
            }
        );
        Farm.Tell(
            request is { OnlyRepeat: true, IdempotencyKey: { } key }
                ? new FindByKey(request.Spec, key)
                : new AdmitSession(request.Spec, request.IdempotencyKey)
                {
                    Within = limits.PlacementTimeout,
                    Limits = request.Limits,
                },
            Self
        );
    }

    protected override void Replied(EdgeReply reply) =>
        Context.System.EventStream.Publish(
            new StartAnswered(
                reply is EdgeRefusal refusal ? refusal.Code : StartAnswered.Started,
                Stopwatch.GetElapsedTime(_began)
            )
        );

    private void Start(SessionAdmitted admitted)
    {
        var start = new StartSession(admitted.Id, request.Spec) { Node = admitted.Node };
        _shard = admitted.Shard;
        Log.Info("Session {0} is admitted to {1}, shard {2}", admitted.Id, admitted.Node, admitted.Shard);
        Await(
            limits.StartTimeout,
            () => StopWaiting(admitted),
            () =>
            {
                Receive<TellStart>(_ =>
                {
                    Farm.Tell(start, _shard, Self);
                    Farm.Tell(new FindSession(admitted.Id), Self);
                });
                Receive<SessionLocation>(location =>
                {
                    _phase = location.Summary.Phase;

                    // The node has lost its way to the database, and the placement has found the session another.
                    if (location.Shard != _shard)
                    {
                        Log.Info(
                            "Session {0} is to start on {1} now, shard {2}",
                            admitted.Id,
                            location.Summary.Node,
                            location.Shard
                        );
                        _shard = location.Shard;
                        start = start with { Node = location.Summary.Node };
                        Farm.Tell(start, _shard, Self);
                    }
                });
                Receive<SessionUnknown>(_ => { });
                Receive<SessionRecords>(records =>
                {
                    Log.Info("Session {0} has started", admitted.Id);
                    Conclude(new SessionStarted(admitted.Id, records.Endpoint));
                });
                Receive<StartFailed>(failed =>
                {
                    Log.Warning(
                        "Session {0} did not start: {1} {2}",
                        admitted.Id,
                        failed.Code,
                        AddressRedaction.Of(failed.Message)
                    );
                    Conclude(new EdgeRefusal(failed.Code, failed.Message) { Session = admitted.Id });
                });
            }
        );
        Farm.Tell(start, admitted.Shard, Self);
        if (!request.Wait)
        {
            Acknowledge(new SessionStarting(admitted.Id));
        }
        Timers.StartPeriodicTimer(nameof(TellStart), TellStart.Instance, TellAgainAfter);
    }

    /// <summary>Tells what became of an admitted start, and ends the conversation.</summary>
    private void Conclude(EdgeReply outcome)
    {
        Tell(outcome);
        End();
    }

    /// <summary>Tells what became of an admitted start. A caller who did not wait has the answer already, but the
    /// outcome still counts.</summary>
    private void Tell(EdgeReply outcome)
    {
        if (request.Wait)
        {
            Reply(outcome);
        }
        else
        {
            Replied(outcome);
        }
    }

    /// <summary>The time of the call is over. A session whose page is to say when its record begins, or is entered by
    /// steps, goes on.</summary>
    private void StopWaiting(SessionAdmitted admitted)
    {
        if (
            request.Spec
            is not PageSessionSpec { Begin: not null }
                and not PageSessionSpec { Settings.Steps.IsEmpty: false }
        )
        {
            GiveUp(admitted);
            return;
        }
        Log.Info("Session {0} goes on waiting for its beginning; its call is answered", admitted.Id);
        Conclude(new SessionStarting(admitted.Id) { Phase = _phase });
    }

    private void GiveUp(SessionAdmitted admitted)
    {
        Log.Warning("Session {0} wrote no frame within {1}; its start is undone", admitted.Id, limits.StartTimeout);
        Tell(
            new EdgeRefusal(
                FaultCode.StartTimeout,
                $"Session {admitted.Id} wrote no frame within {limits.StartTimeout.TotalSeconds:0.#} s and is being stopped; "
                    + $"look at GET /api/sessions/{admitted.Id} for its faults and try again."
            )
            {
                Session = admitted.Id,
            }
        );
        Undo(admitted);
    }

    private void Undo(SessionAdmitted admitted)
    {
        Timers.Cancel(nameof(TellStart));
        Await(
            limits.StopTimeout,
            Silence,
            () =>
            {
                Receive<StopDone>(_ =>
                {
                    Log.Info("The start of session {0} is undone", admitted.Id);
                    End();
                });
                Receive<StopFailed>(failed =>
                {
                    Log.Warning(
                        "The start of session {0} could not be undone: {1} {2}",
                        admitted.Id,
                        failed.Code,
                        AddressRedaction.Of(failed.Message)
                    );
                    End();
                });
                Receive<StartReply>(_ => { });
            }
        );
        Farm.Tell(new StopSession(admitted.Id), _shard, Self);

        void Silence()
        {
            Log.Warning("The start of session {0} was not undone within {1}", admitted.Id, limits.StopTimeout);
            End();
        }
    }

    private sealed record TellStart
    {
        public static TellStart Instance { get; } = new();
    }
}
