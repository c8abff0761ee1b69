using System.Collections.Immutable;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>What follows from an input.</summary>
/// <param name="State">How far the incarnation is then.</param>
/// <param name="Effects">What to do, in order.</param>
internal sealed record HandOverStep(HandOverState State, ImmutableList<SessionEffect> Effects);

/// <summary>
/// The decisions of a session on its way from one node to another. Pure. The table of the session in
/// <c>docs/architecture.md</c> is made from these decisions.
/// </summary>
internal static class HandOverDecisions
{
    /// <summary>Longer than the limit on the other node, whose refusal gives the reason.</summary>
    /// <param name="spec">What the session records.</param>
    public static TimeSpan PreparationLimitOf(SessionSpec? spec) =>
        MediaKeeperActor.PrepareLimitOf(spec) + TimeSpan.FromSeconds(5);

    /// <summary>Decides what follows from an input.</summary>
    /// <param name="here">The incarnation.</param>
    /// <param name="input">What happens.</param>
    /// <param name="resumeWindow">How long a session may be away and still resume.</param>
    /// <param name="now">Where and when.</param>
    public static HandOverStep Next(Incarnation here, HandOverInput input, TimeSpan resumeWindow, Moment now) =>
        (here.HandOver, input) switch
        {
            (HandOverState.Staying or HandOverState.Adopting or HandOverState.Preparing, HandOverInput.Asked e) => Ask(
                here,
                e
            ),
            (HandOverState.Preparing preparing, _) => WhilePreparing(here, preparing, input),
            (HandOverState.TakenOver taken, _) => WhileEnding(here, taken, input),
            (HandOverState.HandedOver handed, _) => WhileTelling(here, handed, input),
            (HandOverState.Forwarding forwarding, _) => WhileForwarding(forwarding, input),
            (_, HandOverInput.Prepared) => Stay(here, new SessionEffect.DismissSender()),
            (_, HandOverInput.AdoptionWished e) => new HandOverStep(
                new HandOverState.Adopting(e.WaitedUntil),
                [new SessionEffect.AskKeeper(Waits: !here.StopWished)]
            ),
            (_, HandOverInput.Kept e) => Adopt(here, e, now),
            (HandOverState.Adopting e, HandOverInput.NothingKept) => ResumeAlone(here, e, resumeWindow, now),
            _ => Stay(here),
        };

    private static HandOverStep Ask(Incarnation here, HandOverInput.Asked ask)
    {
        if (here.HandOver is HandOverState.Preparing { Target: var target } && target == ask.Target)
        {
            return Stay(here);
        }

        // The earlier target is gone, or has no room any more.
        ImmutableList<SessionEffect> dismissed = here.HandOver is HandOverState.Preparing earlier
            ? [new SessionEffect.Dismiss(earlier.Target)]
            : [];
        var next = Begin(here, ask);
        return next with { Effects = dismissed.AddRange(next.Effects) };
    }

    private static HandOverStep Begin(Incarnation here, HandOverInput.Asked ask)
    {
        if (
            here.HandOver is HandOverState.Adopting
            || !here.Alive
            || here.LeavesNode
            || !SessionDecisions.MayHandOver(here.State)
        )
        {
            var refused = Refuse(
                here,
                ask.Target,
                $"Session {here.State.Id} is not at a point where it can be handed over."
            );
            return here.HandOver is HandOverState.Adopting ? refused with { State = here.HandOver } : refused;
        }

        // Two publishers of one key collide, so a session that only streams ends its streams here first.
        // What waits has nothing that could be cut, and joins its page once only.
        return here.State.Current == SessionState.StreamOnly || here.State.Waits
            ? TakeOver(ask.Target, ask.Shard)
            : new HandOverStep(
                new HandOverState.Preparing(ask.Target, ask.Shard, IsPaused(here)),
                [Tell(here, ask.Target, prepared: false), new SessionEffect.LimitPreparation()]
            );
    }

    private static HandOverStep WhilePreparing(
        Incarnation here,
        HandOverState.Preparing preparing,
        HandOverInput input
    ) =>
        input switch
        {
            HandOverInput.Prepared { OfTarget: false } => Stay(here, new SessionEffect.DismissSender()),

            // The next incarnation adopts the record.
            HandOverInput.Prepared when here is { LeavesNode: true, State.Lasting: true } => Stay(
                here,
                new SessionEffect.ForgetPreparationLimit()
            ),
            HandOverInput.Prepared when here.LeavesNode || !SessionDecisions.MayHandOver(here.State) => Refuse(
                here,
                preparing.Target,
                $"Session {here.State.Id} has come to an end, or lost its media, meanwhile."
            ),
            HandOverInput.Prepared => TakeOver(preparing.Target, preparing.Shard),
            HandOverInput.NotPrepared { OfTarget: true } failed => Refuse(here, preparing.Target, failed.Message),
            HandOverInput.PreparationLimitPassed => Refuse(
                here,
                preparing.Target,
                $"{preparing.Target} did not answer within {PreparationLimitOf(here.State.Spec).TotalSeconds:0} seconds."
            ),
            HandOverInput.Proceeded when here.State.Outcome is not null => Refuse(
                here,
                preparing.Target,
                $"Session {here.State.Id} is ending."
            ),
            HandOverInput.PreparationDue => TellAgain(here, preparing),
            HandOverInput.Proceeded when preparing.Paused != IsPaused(here) => TellAgain(here, preparing),
            HandOverInput.Kept { Known: false } kept => Stay(here, new SessionEffect.StopKept(kept.Media.Media)),
            _ => Stay(here),
        };

    private static HandOverStep WhileEnding(Incarnation here, HandOverState.TakenOver taken, HandOverInput input) =>
        input switch
        {
            HandOverInput.Prepared { OfTarget: false } => Stay(here, new SessionEffect.DismissSender()),
            HandOverInput.PreparationDue => Stay(here, Tell(here, taken.Target, prepared: true)),
            HandOverInput.RecordEnded => new HandOverStep(
                new HandOverState.HandedOver(taken.Target, taken.Shard),
                [new SessionEffect.WriteNoMore(), .. TellOfEnd(here, taken.Target)]
            ),
            HandOverInput.Kept { Known: false } kept => Stay(here, new SessionEffect.StopKept(kept.Media.Media)),

            // The next record is already being written, so the stop has to end that record.
            HandOverInput.StopWished => Stay(here, new SessionEffect.Hold()),
            _ => Stay(here),
        };

    private static HandOverStep WhileTelling(Incarnation here, HandOverState.HandedOver handed, HandOverInput input) =>
        input switch
        {
            HandOverInput.HandOverDue => new HandOverStep(handed, TellOfEnd(here, handed.Target)),

            // The session waits for room, in the shard it has. The next message to that shard starts the next
            // incarnation.
            HandOverInput.Accepted accepted when accepted.Shard == handed.Shard => new HandOverStep(
                handed,
                [new SessionEffect.ForgetTimers(), new SessionEffect.Stop()]
            ),
            HandOverInput.Accepted accepted => Forward(handed.Shard, accepted.Shard),
            HandOverInput.LeaveWished => new HandOverStep(handed, [new SessionEffect.Stop()]),
            HandOverInput.StopWished or HandOverInput.Questioned => new HandOverStep(
                handed,
                [new SessionEffect.Hold()]
            ),
            _ => new HandOverStep(handed, []),
        };

    private static HandOverStep WhileForwarding(HandOverState.Forwarding forwarding, HandOverInput input) =>
        input switch
        {
            HandOverInput.Accepted accepted when accepted.Shard == forwarding.Shard => new HandOverStep(
                forwarding,
                [new SessionEffect.ForgetTimers(), new SessionEffect.Stop()]
            ),
            HandOverInput.Accepted accepted => Forward(forwarding.Shard, accepted.Shard),

            // The session has come back to this node and shard. The placement asks again for the next incarnation,
            // which must not find this one in its place.
            HandOverInput.ForwardingEnded or HandOverInput.LeaveWished or HandOverInput.ResumeWished =>
                new HandOverStep(forwarding, [new SessionEffect.Stop()]),
            HandOverInput.StopWished or HandOverInput.Questioned => new HandOverStep(
                forwarding,
                [new SessionEffect.PassOn(forwarding.Next)]
            ),
            _ => new HandOverStep(forwarding, []),
        };

    private static HandOverStep Adopt(Incarnation here, HandOverInput.Kept kept, Moment now)
    {
        if (kept.Known)
        {
            return Stay(here);
        }
        var staying = new HandOverState.Staying();
        if (here.Alive || here.Leaving || !SessionDecisions.MayAdopt(here.State))
        {
            return new HandOverStep(staying, [new SessionEffect.StopKept(kept.Media.Media)]);
        }
        var events = SessionDecisions.Adopt(here.State, kept.Media.Path, kept.Media.OpenedAt, now);
        if (here.StopWished)
        {
            var adopted = events.Aggregate(here.State, (state, happened) => state.Apply(happened));
            events = events.AddRange(SessionDecisions.Stop(adopted, alive: true, now));
        }
        return new HandOverStep(
            staying,
            [new SessionEffect.TakeMedia(kept.Media), new SessionEffect.Write(events)]
        );
    }

    /// <summary>Nothing was begun for the session: it resumes with a record of its own, or ends.</summary>
    private static HandOverStep ResumeAlone(
        Incarnation here,
        HandOverState.Adopting adopting,
        TimeSpan resumeWindow,
        Moment now
    ) =>
        new(
            new HandOverState.Staying(),
            here switch
            {
                { StopWished: true } => [new SessionEffect.Write(SessionDecisions.Stop(here.State, here.Alive, now))],
                { Alive: false, Leaving: false, State.Ended: false } =>
                [
                    new SessionEffect.Write(
                        SessionDecisions.Resume(
                            here.State,
                            here.State.Spec!,
                            resumeWindow,
                            now,
                            adopting.WaitedUntil
                        )
                    ),
                ],
                _ => [],
            }
        );

    private static HandOverStep TakeOver(string target, int shard) =>
        new(
            new HandOverState.TakenOver(target, shard),
            [
                new SessionEffect.ForgetPreparationLimit(),
                new SessionEffect.TellBegun(target),
                new SessionEffect.Proceed(),
            ]
        );

    private static HandOverStep Refuse(Incarnation here, string target, string message) =>
        new(
            new HandOverState.Staying(),
            [
                new SessionEffect.ForgetPreparation(),
                new SessionEffect.Dismiss(target),
                new SessionEffect.TellRefused(new HandOverRefused(here.State.Id, target, message)),
            ]
        );

    private static HandOverStep Forward(int shard, int next) =>
        new(
            new HandOverState.Forwarding(shard, next),
            [
                new SessionEffect.ForgetTimers(),
                new SessionEffect.LimitForwarding(),
                new SessionEffect.PassOnHeld(next),
            ]
        );

    private static HandOverStep TellAgain(Incarnation here, HandOverState.Preparing preparing) =>
        new(preparing with { Paused = IsPaused(here) }, [Tell(here, preparing.Target, prepared: false)]);

    private static ImmutableList<SessionEffect> TellOfEnd(Incarnation here, string target) =>
        [Tell(here, target, prepared: true), new SessionEffect.TellHandedOver(target)];

    /// <summary>Asks the target for the record, or confirms that the record is still wanted, and whether it is
    /// paused.</summary>
    private static SessionEffect.TellTarget Tell(Incarnation here, string target, bool prepared) =>
        new(
            target,
            new PrepareMedia(
                here.State.Id,
                here.State.Attempt + 1,
                here.State.Spec!,
                here.State.Records.ConvertAll(record => record.Path),
                IsPaused(here)
            )
            {
                Prepared = prepared,
            }
        );

    private static bool IsPaused(Incarnation here) => here.State.PausedSince is not null;

    private static HandOverStep Stay(Incarnation here, params ImmutableList<SessionEffect> effects) =>
        new(here.HandOver, effects);
}
