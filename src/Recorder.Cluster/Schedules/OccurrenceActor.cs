using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Schedules;

/// <summary>
/// Has one session started for one time of a schedule, and follows the session to its end. Every step may be repeated:
/// the placement answers the same session under the same key, and a session is started once however often the session
/// is told to. So the actor that follows on another node begins anywhere.
/// </summary>
internal sealed class OccurrenceActor : ReceiveActor, IWithTimers
{
    /// <summary>The pause after which an unanswered question is asked again.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(3);

    /// <summary>How often a running session is looked at.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly OpenOccurrence _open;
    private readonly IActorRef _placement;
    private readonly IActorRef _sessions;
    private readonly WebhookStore _webhooks;
    private readonly Func<SessionId, Task<SessionSummary?>> _archive;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Occurrence _occurrence;
    private string? _refusal;
    private int _tries;
    private bool _runs;

    /// <param name="open">The time.</param>
    /// <param name="placement">The way to the placement.</param>
    /// <param name="sessions">The way to the sessions.</param>
    /// <param name="webhooks">The receivers of events.</param>
    /// <param name="archive">Looks up an ended session.</param>
    /// <param name="clock">The clock of the farm.</param>
    public OccurrenceActor(
        OpenOccurrence open,
        IActorRef placement,
        IActorRef sessions,
        WebhookStore webhooks,
        Func<SessionId, Task<SessionSummary?>> archive,
        TimeProvider clock
    )
    {
        (_open, _occurrence, _placement, _sessions, _webhooks, _archive, _clock) = (
            open,
            open.Occurrence,
            placement,
            sessions,
            webhooks,
            archive,
            clock
        );
        Receive<Due>(_ => Proceed());
        Receive<WebhooksPrepared>(_ => Admit());
        Receive<SessionAdmitted>(OnAdmitted);
        Receive<AdmissionRefused>(refused =>
        {
            _refusal = $"{refused.Code}: {refused.Message}";
            _log.Info("Schedule {0}: the start of {1:u} is refused: {2}", _open.Occurrence.Schedule, At, _refusal);
        });
        Receive<IdempotencyConflict>(conflict =>
            Close(OccurrenceOutcome.Failed(_occurrence, MissedCode.Failed, conflict.Message))
        );
        Receive<SessionLocation>(OnLocation);
        Receive<SessionUnknown>(_ => LookUp());
        Receive<Looked>(OnLooked);
        Receive<Status.Failure>(failure =>
            _log.Warning(
                "Schedule {0}: session {1} could not be looked up, or its webhooks not be written; this is tried again: {2}",
                _open.Occurrence.Schedule,
                _occurrence.Session,
                failure.Cause.Message
            )
        );

        // The session reports to the placement too, and the placement is asked.
        Receive<StartReply>(_ => Timers.StartSingleTimer(nameof(Due), Due.Instance, TimeSpan.Zero));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset At => _open.Occurrence.At;

    private bool InTime => _clock.GetUtcNow() <= At + _open.Late;

    protected override void PreStart() => Proceed();

    private void Proceed()
    {
        Timers.StartSingleTimer(nameof(Due), Due.Instance, _runs ? LookAgain : AskAgain);
        if (_occurrence.Session is { } session)
        {
            _placement.Tell(new FindSession(session), Self);
        }
        else if (InTime)
        {
            Prepare();
        }
        else
        {
            var why = _refusal is null ? "" : $" The last try was refused: {_refusal}";
            Close(
                OccurrenceOutcome.Failed(
                    _occurrence,
                    MissedCode.TooLate,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"No node could start the recording of {At.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} in time.{why}"
                    )
                )
            );
        }
    }

    /// <summary>Keeps the receivers of the session's events. Each session takes those that are prepared, so another
    /// session for the same time needs new ones.</summary>
    private void Prepare()
    {
        if (_open.Webhooks.IsEmpty)
        {
            Admit();
            return;
        }
        var now = _clock.GetUtcNow();
        _webhooks
            .PrepareAsync(
                [.. _open.Webhooks.Zip(_open.Spec.Webhooks, (webhook, id) => webhook.Prepared(id, now))],
                CancellationToken.None
            )
            .PipeTo(Self, success: () => WebhooksPrepared.Instance);
    }

    private void Admit()
    {
        if (_occurrence.Session is null)
        {
            _placement.Tell(
                new AdmitSession(_open.Spec, _open.Key) { Within = AskAgain, Limits = _open.Limits },
                Self
            );
        }
    }

    private void OnAdmitted(SessionAdmitted admitted)
    {
        if (_occurrence.Session == admitted.Id)
        {
            return;
        }
        _tries++;
        _occurrence = _occurrence with { State = OccurrenceState.Started, Session = admitted.Id };
        _log.Info(
            "Schedule {0}: session {1} is for {2:u}, on {3}",
            _open.Occurrence.Schedule,
            admitted.Id,
            At,
            admitted.Node
        );
        Context.Parent.Tell(new OccurrencePlaced(_occurrence));
        Start(admitted.Shard, admitted.Node);
        Timers.StartSingleTimer(nameof(Due), Due.Instance, AskAgain);
    }

    private void OnLocation(SessionLocation location)
    {
        if (location.Id != _occurrence.Session)
        {
            return;
        }
        var session = location.Summary;
        if (!session.Running)
        {
            End(session);
        }
        else if (session.Phase == SessionPhase.Starting)
        {
            // The message may have been lost, and repeating the same start is harmless.
            Start(location.Shard, session.Node);
        }
        else
        {
            _runs = true;
        }
    }

    private void Start(int shard, string node) =>
        _sessions.Tell(
            new StartSession(_occurrence.Session!.Value, _open.Spec) { Node = node }.To(shard),
            Self
        );

    private void LookUp()
    {
        if (_occurrence.Session is { } session)
        {
            _archive(session).PipeTo(Self, success: found => new Looked(session, found));
        }
    }

    private void OnLooked(Looked looked)
    {
        if (looked.Id != _occurrence.Session)
        {
            return;
        }
        if (looked.Found is { } session)
        {
            if (!session.Running)
            {
                End(session);
            }
        }
        else if (InTime)
        {
            // The placement has withdrawn the session, whose key is free again.
            _occurrence = _occurrence with { State = OccurrenceState.Starting, Session = null };
        }
        else
        {
            Close(
                OccurrenceOutcome.Failed(
                    _occurrence,
                    FaultCode.NoSuchSession,
                    $"Session {looked.Id} was given up before it recorded."
                )
            );
        }
    }

    private void End(SessionSummary session)
    {
        var outcome = OccurrenceOutcome.Of(_occurrence, session);
        if (
            outcome is not { State: OccurrenceState.Missed, Code: { } code }
            || !OccurrenceOutcome.TriesAgain(code, _tries, InTime)
        )
        {
            Close(outcome);
            return;
        }
        _log.Warning(
            "Schedule {0}: session {1} for {2:u} did not record ({3}), and another session is tried",
            _open.Occurrence.Schedule,
            session.Id,
            At,
            code
        );
        (_occurrence, _runs) = (_occurrence with { State = OccurrenceState.Starting, Session = null }, false);
        _refusal = $"{code}: {outcome.Reason}";
        Timers.StartSingleTimer(nameof(Due), Due.Instance, OccurrenceOutcome.PauseAfter(_tries));
    }

    private void Close(Occurrence closed)
    {
        Timers.CancelAll();
        if (closed.State == OccurrenceState.Missed)
        {
            _log.Warning(
                "Schedule {0}: {1:u} has no recording: {2} {3}",
                closed.Schedule,
                At,
                closed.Code,
                AddressRedaction.Of(closed.Reason ?? "")
            );
        }
        Context.Parent.Tell(new OccurrenceClosed(closed, _open.Name));
        Become(() => ReceiveAny(_ => { }));
    }

    private sealed record Looked(SessionId Id, SessionSummary? Found);

    private sealed record WebhooksPrepared
    {
        public static WebhooksPrepared Instance { get; } = new();
    }

    private sealed record Due
    {
        public static Due Instance { get; } = new();
    }
}
