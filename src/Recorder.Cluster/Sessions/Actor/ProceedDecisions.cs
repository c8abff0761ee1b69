using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>What an incarnation does next.</summary>
/// <param name="Effects">What to do, in order.</param>
/// <param name="Standing">What the media child has been asked for then.</param>
/// <param name="Retries">How many tries of the media have followed each other then.</param>
/// <param name="HandOver">How far the incarnation is on the way to another node then.</param>
internal sealed record Proceeding(
    ImmutableList<SessionEffect> Effects,
    MediaStanding Standing,
    int Retries,
    HandOverState HandOver
);

/// <summary>The work that the reached state of a session requires. Pure. A decision may be asked for at any
/// time.</summary>
internal static class ProceedDecisions
{
    /// <summary>Decides what to do now. Either events are written, and the session proceeds after the write; or the
    /// session acts on the written state.</summary>
    /// <param name="here">The incarnation.</param>
    /// <param name="options">Limits and intervals.</param>
    /// <param name="now">Where and when.</param>
    public static Proceeding Next(Incarnation here, SessionOptions options, Moment now)
    {
        var ended = SessionDecisions.EndWhenDone(here.State, now);
        if (!ended.IsEmpty)
        {
            return Writes(here, ended.ConvertAll(happened => WithOutputs(here, happened)));
        }
        var ending = here is { Alive: true, Leaving: false }
            ? EndingDecisions.Due(here.State, now).AddRange(BeginDecisions.Due(here.State, now))
            : [];
        if (!ending.IsEmpty)
        {
            return Writes(here, ending);
        }
        if (IsNeverBegun(here))
        {
            return Writes(here, BeginDecisions.Drop(here.State, now));
        }
        var resumed = ResumeAtOnce(here, now);
        return resumed.IsEmpty ? Act(here, options, now) : Writes(here with { Retries = here.Retries + 1 }, resumed);
    }

    /// <summary>The wait before the next try of the media. Each try without a record that lasts doubles the
    /// wait.</summary>
    /// <param name="retries">How many tries have followed each other.</param>
    /// <param name="options">The first wait, and the longest.</param>
    public static TimeSpan RetryWait(int retries, SessionOptions options)
    {
        var wait = options.RetryDelay * Math.Pow(2, Math.Min(retries, 16));
        return wait < options.RetryDelayLimit ? wait : options.RetryDelayLimit;
    }

    private static Proceeding Writes(Incarnation here, ImmutableList<ISessionEvent> events) =>
        new([new SessionEffect.Write(events)], here.Standing, here.Retries, here.HandOver);

    private static ISessionEvent WithOutputs(Incarnation here, ISessionEvent happened) =>
        happened is SessionEnded ended ? ended with { Outputs = here.Live.Outputs(here.State, ended.At) } : happened;

    /// <summary>Whether a record was named just before the end was decided, so that nobody was asked to write the
    /// record and nobody will say that it is finished.</summary>
    private static bool IsNeverBegun(Incarnation here) =>
        here is { Alive: true, Leaving: false, State: { Outcome: not null, Ended: false, Current: { } current } }
        && !here.State.CurrentOpened
        && here.Standing.Writing != current;

    /// <summary>
    /// A worker that is lost while display, sound and browser are up is replaced without a wait, so that the gap is
    /// short. If the new worker does not last either, the next try waits.
    /// </summary>
    private static ImmutableList<ISessionEvent> ResumeAtOnce(Incarnation here, Moment now) =>
        !here.Standing.Up || here.Retries > 0 || here.Leaving ? [] : SessionDecisions.ResumeMedia(here.State, now);

    private static Proceeding Act(Incarnation here, SessionOptions options, Moment now)
    {
        var effects = ImmutableList.CreateBuilder<SessionEffect>();
        effects.AddRange(StartLimit(here.State));
        here = HandOver(new HandOverInput.Proceeded());
        var retry = Retry(here, options);
        effects.AddRange(retry);
        here = retry switch
        {
            [SessionEffect.AwaitRetry] => here with { RetryAwaited = true, Retries = here.Retries + 1 },
            [SessionEffect.ForgetRetry] => here with { RetryAwaited = false },
            _ => here,
        };
        var (commands, standing) = Media(here);
        effects.AddRange(commands);
        here = here with { Standing = standing };
        effects.Add(new SessionEffect.AnswerChanges());
        effects.Add(new SessionEffect.AskForManifests());
        effects.Add(new SessionEffect.SeeToDeliveries());
        effects.AddRange(Finish(here));
        if (here is { TakenOver: true, LeavesNode: false, State.Current: null })
        {
            here = HandOver(new HandOverInput.RecordEnded());
        }
        return new Proceeding(effects.ToImmutable(), here.Standing, here.Retries, here.HandOver);

        Incarnation HandOver(HandOverInput input)
        {
            var step = HandOverDecisions.Next(here, input, options.ResumeWindow, now);
            effects.AddRange(step.Effects);
            return here with { HandOver = step.State };
        }
    }

    private static ImmutableList<SessionEffect> StartLimit(SessionState state) =>
        state
            is { Phase: SessionPhase.Starting, Waits: false }
                or { Phase: SessionPhase.Starting, BeginsAnyway: true, Current: not null }
                or { Phase: SessionPhase.Resuming, Current: not null }
            ? []
            : [new SessionEffect.ForgetStartLimit()];

    private static ImmutableList<SessionEffect> Retry(Incarnation here, SessionOptions options) =>
        here switch
        {
            { State.Ended: true } => [new SessionEffect.ForgetRetry()],
            {
                State: { Phase: SessionPhase.Resuming, Current: null } or { Waits: true, Current: null },
                Alive: true,
                RetryAwaited: false,
                Leaving: false
            } => [new SessionEffect.AwaitRetry(RetryWait(here.Retries, options))],
            _ => [],
        };

    private static (ImmutableList<SessionEffect> Effects, MediaStanding Standing) Media(Incarnation here)
    {
        // A media side that fails immediately is not started in a tight loop, nor beside the child that it replaces.
        if (here is { Media: MediaChild.Ending } or { Media: MediaChild.None, RetryAwaited: true })
        {
            return ([], here.Standing);
        }
        var (commands, standing) = SessionWork.Next(here.State, here.Standing, here.Leaving);
        ImmutableList<SessionEffect> begun =
            commands.IsEmpty || here.Media == MediaChild.Present ? [] : [new SessionEffect.BeginMedia()];
        return (begun.AddRange(commands.SelectMany(command => Command(here.State, command))), standing);
    }

    private static ImmutableList<SessionEffect> Command(SessionState state, IMediaCommand command) =>
        command switch
        {
            BeginRecording or ResumeRecording when state.Phase == SessionPhase.Resuming =>
            [
                new SessionEffect.LimitStart(),
                new SessionEffect.Command(command),
            ],
            // The page may show what it likes now, so the first frame comes as soon as it can.
            BeginAnyway or BeginRecording when state is { BeginsAnyway: true, Started: false } =>
            [
                new SessionEffect.LimitStart(),
                new SessionEffect.Command(command),
            ],
            FinishRecording when !state.Started =>
            [
                new SessionEffect.LimitUndo(),
                new SessionEffect.Command(command),
            ],
            _ => [new SessionEffect.Command(command)],
        };

    private static ImmutableList<SessionEffect> Finish(Incarnation here)
    {
        // The answer waits until every process has ended.
        if (here.State.Ended && here.Media != MediaChild.None)
        {
            return here.Media == MediaChild.Present ? [new SessionEffect.StopMedia()] : [];
        }
        SessionEffect told = here.Reported ? new SessionEffect.Answer() : new SessionEffect.Report();
        return
            here is { LeavesNode: true }
            && (here.State.Current is null || here.Standing.Writing != here.State.Current)
            ? [told, new SessionEffect.Stop()]
            : [told];
    }
}
