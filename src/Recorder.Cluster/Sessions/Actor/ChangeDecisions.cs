using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>Why a wish is refused.</summary>
internal sealed record Refusal(string Code, string Message);

/// <summary>What follows from a wish to change a running session: events (perhaps none), or a refusal.</summary>
internal sealed record ChangeDecision(ImmutableList<ISessionEvent> Events, Refusal? Refusal)
{
    public static ChangeDecision Refused(string code, string message) => new([], new Refusal(code, message));
}

/// <summary>The decisions of a session that is to be changed while it runs. Pure, like
/// <see cref="SessionDecisions"/>.</summary>
internal static class ChangeDecisions
{
    /// <summary>Decides a wish to change stream targets and rules of the end: all of the changes happen, or
    /// none.</summary>
    public static ChangeDecision Change(SessionState state, ChangeTargets change, Moment now)
    {
        if (NotRunning(state) is { } notRunning)
        {
            return new ChangeDecision([], notRunning);
        }
        var page = ChangePage(state, change.Page, now);
        if (page.Refusal is not null)
        {
            return page;
        }
        var rules = ChangeEnd(state, change.End, now);
        if (rules.Refusal is not null)
        {
            return rules;
        }
        rules = rules with { Events = page.Events.AddRange(rules.Events) };
        if (change is { Add.IsEmpty: true, Remove.IsEmpty: true } and not { End: null, Page: null })
        {
            return rules;
        }
        var targets = ChangeTargets(state, change.Add, change.Remove, now);
        return targets.Refusal is null ? targets with { Events = targets.Events.AddRange(rules.Events) } : targets;
    }

    private static ChangeDecision ChangePage(SessionState state, PageChange? change, Moment now) =>
        (change, state.Spec) switch
        {
            (null, _) => new ChangeDecision([], null),
            ({ Layout: { Length: > 0 } layout }, PageSessionSpec { Settings: var settings })
                when settings?.Layouts?.Exists(known => known.Name == layout) != true => Invalid(
                settings?.Layouts is { } layouts
                    ? $"Session {state.Id} has no layout {layout}; its layouts are {string.Join(", ", layouts.Select(known => known.Name))}."
                    : $"Session {state.Id} has no layout {layout}: the start gave none by page.layouts, and no profile did."
            ),
            (_, PageSessionSpec spec) when spec.With(change) == spec => new ChangeDecision([], null),
            (_, PageSessionSpec) => new ChangeDecision([new PageChanged(change, now.At, now.Node)], null),
            _ => ChangeDecision.Refused(
                FaultCode.NotSupported,
                $"Session {state.Id} receives RTP and has no page."
            ),
        };

    private static ChangeDecision ChangeEnd(SessionState state, EndChange? change, Moment now)
    {
        if (change is null)
        {
            return new ChangeDecision([], null);
        }
        var rules = state.EndRules.With(change);
        if (Misfit(rules, state.Spec!) is { } misfit)
        {
            return Invalid($"Session {state.Id}: {misfit}");
        }
        return rules.MaxBytes is not null && !state.Spec!.WritesRecord
                ? Invalid($"Session {state.Id} only streams, so it has no bytes to count; leave out end.max_bytes.")
            : new ChangeDecision(
                rules == state.EndRules ? [] : [new EndRulesChanged(rules, now.At, now.Node)],
                null
            );
    }

    /// <summary>Why rules do not fit a session or each other, as a sentence; null when they do.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="spec">What the session records.</param>
    private static string? Misfit(EndRules rules, SessionSpec spec) =>
        spec switch
        {
            RtpSessionSpec when rules.Silence is not null || rules.Still is not null || rules.NeedsPage =>
                "silence, still, page, text and alone are for sessions of type uri; what comes by RTP is not decoded.",
            PageSessionSpec { SoundOnly: true } when rules.Still is not null =>
                "still is for sessions with a picture; this one records sound alone.",
            PageSessionSpec when rules.SenderSilent is not null => "sender_silent is for sessions of type rtp.",
            _ when rules.Page.Contains(EndPageWord.SelectorGone) && rules.Selector is null =>
                "selector_gone of page needs selector.",
            _ => null,
        };

    /// <summary>Decides a wish to add and remove stream targets: all of the changes happen, or none.</summary>
    public static ChangeDecision ChangeTargets(
        SessionState state,
        ImmutableList<StreamTarget> add,
        ImmutableList<StreamTarget> remove,
        Moment now
    )
    {
        if (NotRunning(state) is { } notRunning)
        {
            return new ChangeDecision([], notRunning);
        }
        if (state.Spec is not PageSessionSpec)
        {
            return ChangeDecision.Refused(
                FaultCode.NotSupported,
                $"Session {state.Id} receives RTP and has no stream targets."
            );
        }
        if (state.Spec is PageSessionSpec { SoundOnly: true } && !add.IsEmpty)
        {
            return Invalid($"Session {state.Id} records sound alone, which is not streamed.");
        }
        var targets = state.Targets;
        foreach (var target in remove)
        {
            var index = targets.FindIndex(output => output.Target.IsSameAs(target));
            if (index < 0)
            {
                return Invalid(
                    $"Session {state.Id} does not stream to {target.Redacted}, so that target cannot be removed."
                );
            }
            targets = targets.RemoveAt(index);
        }

        var given = state.TargetsGiven;
        foreach (var target in add)
        {
            if (targets.Exists(output => output.Target.IsSameAs(target)))
            {
                return Invalid($"Session {state.Id} streams to {target.Redacted} already; name each target once.");
            }
            targets = targets.Add(new StreamOutput(SessionState.TargetId(++given), target));
        }

        if (targets.Count > SpecLimits.MaximumStreamTargets)
        {
            return Invalid(
                $"Session {state.Id} would have {targets.Count} stream targets; {SpecLimits.MaximumStreamTargets} is the most."
            );
        }

        if (targets.IsEmpty && !state.Spec.WritesRecord)
        {
            return Invalid(
                $"Session {state.Id} only streams, so its last target cannot be removed; stop the session instead."
            );
        }

        return new ChangeDecision(
            add.IsEmpty && remove.IsEmpty ? [] : [new TargetsChanged(targets, now.At, now.Node)],
            null
        );
    }

    /// <summary>Decides a wish to pause: the record's timeline is to stand still.</summary>
    public static ChangeDecision Pause(SessionState state, Moment now) =>
        CannotPause(state) is { } refusal
            ? new ChangeDecision([], refusal)
            : new ChangeDecision(state.PausedSince is null ? [new RecordingPaused(now.At, now.Node)] : [], null);

    /// <summary>Decides a wish to unpause: the record's timeline is to run again.</summary>
    public static ChangeDecision Unpause(SessionState state, Moment now) =>
        CannotPause(state) is { } refusal
            ? new ChangeDecision([], refusal)
            : new ChangeDecision(state.PausedSince is null ? [] : [new RecordingUnpaused(now.At, now.Node)], null);

    /// <summary>Why no picture of the session can be had, or null.</summary>
    public static Refusal? WhyNoThumbnail(SessionState state) =>
        state switch
        {
            { Waits: true, Current: not null } => null,
            { Lasting: false } => NotRunning(state),
            { Spec: RtpSessionSpec } => new Refusal(
                FaultCode.NotSupported,
                $"Session {state.Id} receives RTP and writes it as it is; its picture is never decoded, so there is no thumbnail of it."
            ),
            { Spec: PageSessionSpec { SoundOnly: true } } => new Refusal(
                FaultCode.NoPicture,
                $"Session {state.Id} records sound alone, so there is no thumbnail of it."
            ),
            { CurrentOpened: false } => new Refusal(
                FaultCode.NotRunning,
                $"Session {state.Id} has lost its media and is on the way to its next record; ask again in a few seconds."
            ),
            _ => null,
        };

    /// <summary>The fault that a change of an output means, if any: the output begins to be retried, or
    /// fails.</summary>
    public static ImmutableList<ISessionEvent> OutputFault(
        SessionState state,
        OutputSummary? before,
        OutputSummary after,
        Moment now
    ) =>
        state.Outcome is null
        && after.State is OutputState.Retrying or OutputState.Failed
        && before?.State != after.State
            ?
            [
                new FaultMet(
                    FaultCode.StreamFailed,
                    $"The output {after.Id} ({after.Target}) failed: {after.Reason ?? "no reason was given"}",
                    now.At,
                    now.Node
                ),
            ]
            : [];

    /// <summary>The change of an output that people are told of, if any.</summary>
    public static ImmutableList<ISessionEvent> OutputTurn(
        SessionState state,
        OutputSummary? before,
        OutputSummary after,
        Moment now
    ) =>
        state.Outcome is null
        && after.State is OutputState.Active or OutputState.Retrying or OutputState.Failed
        && before?.State != after.State
            ?
            [
                new OutputStateChanged(
                    after.Id,
                    after.Kind,
                    after.Target,
                    after.State,
                    after.State == OutputState.Active ? null : after.Reason,
                    after.Retries,
                    now.At,
                    now.Node
                ),
            ]
            : [];

    private static Refusal? CannotPause(SessionState state) =>
        state switch
        {
            { Lasting: false } => NotRunning(state),
            { Spec: RtpSessionSpec } => new Refusal(
                FaultCode.NotSupported,
                $"Session {state.Id} receives RTP, which cannot be paused here; let its sender pause."
            ),
            { Spec.WritesRecord: false } => new Refusal(
                FaultCode.NotSupported,
                $"Session {state.Id} only streams; there is no record to pause."
            ),
            _ => null,
        };

    private static Refusal? NotRunning(SessionState state) =>
        state switch
        {
            { Lasting: true } => null,
            { Phase: SessionPhase.New } => new Refusal(FaultCode.NoSuchSession, $"There is no session {state.Id}."),
            { Started: false, Ended: false } => new Refusal(
                FaultCode.NotRunning,
                $"Session {state.Id} has not started yet."
            ),
            _ => new Refusal(FaultCode.NotRunning, $"Session {state.Id} does not run any more."),
        };

    private static ChangeDecision Invalid(string message) => ChangeDecision.Refused(FaultCode.InvalidRequest, message);
}
