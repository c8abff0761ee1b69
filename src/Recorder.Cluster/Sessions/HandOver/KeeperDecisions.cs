using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.HandOver;

/// <summary>
/// The decisions of a keeper about the record of one session: from the record, or none, and an input to the record
/// then and to the effects that follow. Pure. The table of the keeper in <c>docs/architecture.md</c> is made from
/// these decisions.
/// </summary>
internal static class KeeperDecisions
{
    /// <summary>Decides what follows from an input.</summary>
    /// <param name="id">The session.</param>
    /// <param name="kept">The session's record on this node, or null.</param>
    /// <param name="input">What happens.</param>
    /// <param name="here">Where the keeper is.</param>
    public static KeeperStep Next(SessionId id, KeptRecord? kept, KeeperInput input, KeeperPlace here) =>
        (kept, input) switch
        {
            (null, KeeperInput.Wanted e) => Begin(e),
            (null, KeeperInput.AdoptionWished e) => new KeeperStep(null, [new KeeperEffect.AnswerNothing(e.Session)]),
            (null, _) => new KeeperStep(null, []),
            (_, KeeperInput.Wanted e) => WantAgain(id, kept, e),
            ({ HoldsRoom: true }, KeeperInput.Dismissed) => Remove(kept),
            (_, KeeperInput.AdoptionWished e) => Adopt(id, kept, e),
            (_, KeeperInput.Heard e) => Hear(kept, e.Event, here),
            ({ Step: KeptStep.Preparing }, KeeperInput.LimitPassed) => NotPrepared(
                kept,
                $"No frame was written within {MediaKeeperActor.PrepareLimitOf(kept.Ask.Spec).TotalSeconds:0} seconds."
            ),

            // The session's node may have died: then this record is the only one of those seconds.
            ({ Step: KeptStep.Prepared }, KeeperInput.LimitPassed) => new KeeperStep(
                kept with
                {
                    Step = KeptStep.Finishing,
                },
                [new KeeperEffect.ForgetLimit(), new KeeperEffect.Finish()]
            ),

            // The keeper does not know whether the session's journal has the record. The session is told, and does
            // not list a listed record twice.
            ({ Step: KeptStep.Adopted }, KeeperInput.SessionGone) => new KeeperStep(
                kept with
                {
                    Step = KeptStep.Finishing,
                },
                [new KeeperEffect.StopMedia()]
            ),
            (_, KeeperInput.MediaGone) => End(kept, here),
            _ => new KeeperStep(kept, []),
        };

    private static KeeperStep Begin(KeeperInput.Wanted wanted) =>
        wanted.Ask.Prepared
            ? new KeeperStep(null, [])
            : new KeeperStep(
                new KeptRecord(wanted.Ask, wanted.NextPath(), wanted.Asker),
                [new KeeperEffect.Begin(), new KeeperEffect.LimitFrame(), new KeeperEffect.TellPlacement()]
            );

    private static KeeperStep WantAgain(SessionId id, KeptRecord kept, KeeperInput.Wanted wanted)
    {
        if (!kept.HoldsRoom)
        {
            var reply = new MediaNotPrepared(id, $"The media of session {id} on this node has not ended yet.");
            return new KeeperStep(kept, [new KeeperEffect.AnswerAsker(wanted.Asker, reply)]);
        }
        kept = kept with { Asker = wanted.Asker, Ask = wanted.Ask };
        return kept.Step == KeptStep.Prepared ? Keep(kept) : new KeeperStep(kept, []);
    }

    /// <summary>The record follows the session's pause, and is kept for another while.</summary>
    private static KeeperStep Keep(KeptRecord kept)
    {
        ImmutableList<KeeperEffect> effects = [];
        if (kept.Paused != kept.Ask.Paused)
        {
            kept = kept with { Paused = kept.Ask.Paused };
            effects = [new KeeperEffect.Command(kept.Paused ? new PauseRecording() : new UnpauseRecording())];
        }
        var reply = new MediaPrepared(kept.Ask.Id, kept.Path, kept.OpenedAt);
        return new KeeperStep(
            kept,
            effects.AddRange([new KeeperEffect.LimitAdoption(), new KeeperEffect.AnswerAsker(kept.Asker, reply)])
        );
    }

    private static KeeperStep Hear(KeptRecord kept, IMediaEvent heard, KeeperPlace here) =>
        (kept.Step, heard) switch
        {
            (KeptStep.Adopted, _) => new KeeperStep(kept, [new KeeperEffect.PassOn(kept.Session, heard)]),
            (KeptStep.Preparing, FirstFrameWritten first) => Open(
                kept with
                {
                    OpenedAt = first.At + here.ClockOffset,
                    Step = KeptStep.Prepared,
                }
            ),
            (KeptStep.Preparing, MediaFailed failed) => NotPrepared(kept, failed.Message),
            (KeptStep.Prepared, _) => new KeeperStep(kept with { Said = kept.Said.Add(heard) }, []),
            (KeptStep.Finishing, RecordFinished finished) => new KeeperStep(
                kept with
                {
                    Finished = finished,
                },
                [new KeeperEffect.StopMedia()]
            ),
            (KeptStep.Finishing, RecordUnrecoverable or MediaFailed) => new KeeperStep(
                kept,
                [new KeeperEffect.StopMedia()]
            ),
            _ => new KeeperStep(kept, []),
        };

    private static KeeperStep Open(KeptRecord opened)
    {
        var open = Keep(opened);
        if (opened.Session.IsNobody())
        {
            return open;
        }
        var given = Give(open.Kept!, opened.Session);
        return given with { Effects = open.Effects.AddRange(given.Effects) };
    }

    private static KeeperStep Adopt(SessionId id, KeptRecord kept, KeeperInput.AdoptionWished wish) =>
        kept.Step switch
        {
            KeptStep.Prepared or KeptStep.Adopted => Give(kept, wish.Session),
            KeptStep.Preparing when wish.Ask.Waits => new KeeperStep(kept with { Session = wish.Session }, []),
            KeptStep.Preparing => NotPrepared(
                kept with
                {
                    Session = wish.Session,
                },
                $"Session {id} is ended before the first frame was written."
            ),

            // The record that is being removed and the next record might get the same name, so the answer waits.
            KeptStep.Removing => new KeeperStep(kept with { Session = wish.Session }, []),
            _ => new KeeperStep(kept, [new KeeperEffect.AnswerNothing(wish.Session)]),
        };

    private static KeeperStep Give(KeptRecord kept, IActorRef session)
    {
        ImmutableList<KeeperEffect> effects = [new KeeperEffect.Give(session)];
        return kept.Step == KeptStep.Adopted && kept.Session.Equals(session)
            ? new KeeperStep(kept, effects)
            : new KeeperStep(
                kept with
                {
                    Step = KeptStep.Adopted,
                    Session = session,
                    Said = [],
                },
                [
                    .. effects,
                    new KeeperEffect.ForgetLimit(),
                    new KeeperEffect.WatchSession(session),
                    .. kept.Said.Select(heard => new KeeperEffect.PassOn(session, heard)),
                ]
            );
    }

    private static KeeperStep NotPrepared(KeptRecord kept, string message) => Remove(kept with { Failure = message });

    private static KeeperStep Remove(KeptRecord kept) =>
        new(
            kept with
            {
                Step = KeptStep.Removing,
            },
            [new KeeperEffect.ForgetLimit(), new KeeperEffect.StopMedia()]
        );

    private static KeeperStep End(KeptRecord kept, KeeperPlace here)
    {
        var gone =
            kept.Step == KeptStep.Preparing
                ? NotPrepared(kept, "The media side ended unexpectedly.").Kept!
                : kept;
        ImmutableList<KeeperEffect> file = gone.Step switch
        {
            KeptStep.Removing => [new KeeperEffect.RemoveRecord(gone.Path)],
            KeptStep.Prepared or KeptStep.Finishing => [new KeeperEffect.Leave(Left(gone, here))],
            _ => [],
        };
        ImmutableList<KeeperEffect> answers =
        [
            .. gone.Failure is { } failure
                ? [new KeeperEffect.AnswerAsker(gone.Asker, new MediaNotPrepared(gone.Ask.Id, failure))]
                : Array.Empty<KeeperEffect>(),
            .. gone.Step == KeptStep.Removing && !gone.Session.IsNobody()
                ? [new KeeperEffect.AnswerNothing(gone.Session)]
                : Array.Empty<KeeperEffect>(),
        ];
        return new KeeperStep(null, [new KeeperEffect.ForgetLimit(), .. file, .. answers]);
    }

    private static RecordLeft Left(KeptRecord kept, KeeperPlace here) =>
        new(
            kept.Ask.Id,
            kept.Ask.Attempt,
            kept.Path,
            here.Node,
            kept.OpenedAt,
            kept.Finished?.Duration,
            kept.Finished?.Bytes
        )
        {
            Folder = here.Folder,
        };
}
