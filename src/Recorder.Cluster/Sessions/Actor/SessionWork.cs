using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>What this incarnation of the session has asked of its media child so far.</summary>
internal sealed record MediaStanding
{
    /// <summary>Display, sound and browser have been asked for and have not failed since.</summary>
    public bool Up { get; init; }

    /// <summary>The last thing to be written that was asked for: a record's path, or
    /// <see cref="SessionState.StreamOnly"/>.</summary>
    public string? Writing { get; init; }

    /// <summary>The stream targets that the media child was last told.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>Whether the media child was asked to let the record's timeline stand still.</summary>
    public bool Paused { get; init; }

    /// <summary>The rules of the end that the media child was last told.</summary>
    public EndRules End { get; init; } = EndRules.None;

    /// <summary>The page that the media child was last told to show; null for other sessions.</summary>
    public PageSessionSpec? Page { get; init; }

    /// <summary>Whether the media child was told to begin whatever the page shows.</summary>
    public bool BegunAnyway { get; init; }

    /// <summary>The marks whose place in the record being written has been asked for.</summary>
    public ImmutableHashSet<string> Marking { get; init; } = [];

    /// <summary>Whether the end of the writing has been asked for.</summary>
    public bool Finishing { get; init; }

    /// <summary>The records whose repair has been asked for.</summary>
    public ImmutableHashSet<string> Repairing { get; init; } = [];
}

/// <summary>Finds the next work: the difference between what the state wants and what the media child has been asked
/// for.</summary>
internal static class SessionWork
{
    /// <summary>The commands to give now, in order, and the standing after them.</summary>
    /// <param name="state">The session.</param>
    /// <param name="standing">What has been asked for so far.</param>
    /// <param name="leaving">Whether the node is leaving, so that no new record is begun.</param>
    public static (ImmutableList<IMediaCommand> Commands, MediaStanding Standing) Next(
        SessionState state,
        MediaStanding standing,
        bool leaving
    )
    {
        ImmutableList<IMediaCommand> commands = [];
        var ending = leaving || state.Outcome is not null;
        if (state.Current is { } current)
        {
            if (!ending && standing.Writing != current)
            {
                commands = commands.Add(Begin(state, standing, current));
                var shown = standing.Up ? standing.Page : state.Spec as PageSessionSpec;
                standing = standing with
                {
                    Up = true,
                    Writing = current,
                    Finishing = false,
                    Targets = state.Targets,
                    Paused = false,
                    Marking = [],
                    BegunAnyway = state.BeginsAnyway,
                    End = standing.Up ? standing.End : state.EndRules,
                    Page = shown,
                };
            }
            else if (ending && standing.Writing == current && !standing.Finishing)
            {
                commands = commands.Add(new FinishRecording());
                standing = standing with { Finishing = true };
            }
            else if (!ending && state is { Waits: true, BeginsAnyway: true } && !standing.BegunAnyway)
            {
                commands = commands.Add(new BeginAnyway());
                standing = standing with { BegunAnyway = true };
            }
            else if (!ending && state.CurrentOpened)
            {
                (commands, standing) = Change(state, standing);
            }
        }

        // The nodes repair the records of a session that has ended, without media of the session.
        if (leaving || state.Ended)
        {
            return (commands, standing);
        }
        foreach (var record in state.Unrepaired.Where(record => !standing.Repairing.Contains(record.Path)))
        {
            commands = commands.Add(RepairOf(state, record));
            standing = standing with { Repairing = standing.Repairing.Add(record.Path) };
        }

        return (commands, standing);
    }

    private static RepairRecord RepairOf(SessionState state, RecordState record) =>
        new(record.Path, state.Spec!.Container)
        {
            Folder = record.Folder,
            Opened = record.OpenedAt is not null,
            Marks = state.ChaptersOf(record),
        };

    private static IMediaCommand Begin(SessionState state, MediaStanding standing, string current)
    {
        var path = current == SessionState.StreamOnly ? null : current;
        return standing.Up
            ? new ResumeRecording(path) { Targets = state.Targets, Endpoint = state.Endpoint }
            : new BeginRecording(state.Attempt, state.Spec!, path)
            {
                Targets = state.Targets,
                Resumes = state.EverRecorded,
                Rejoins = state.EverRecorded,
                Anyway = state.BeginsAnyway,
                End = state.EndRules,
                Endpoint = state.Endpoint,
            };
    }

    /// <summary>The changes of the running record and streams that the caller wants: other targets, a pause, an
    /// unpause, or marks.</summary>
    private static (ImmutableList<IMediaCommand> Commands, MediaStanding Standing) Change(
        SessionState state,
        MediaStanding standing
    )
    {
        ImmutableList<IMediaCommand> commands = [];
        if (!standing.Targets.SequenceEqual(state.Targets))
        {
            commands = commands.Add(new ChangeStreamTargets(state.Targets));
            standing = standing with { Targets = state.Targets };
        }

        if (standing.End != state.EndRules)
        {
            commands = commands.Add(new WatchPage(state.EndRules));
            standing = standing with { End = state.EndRules };
        }

        if (state.Spec is PageSessionSpec page && standing.Page is { } told && told != page)
        {
            commands = commands.Add(new ShowPage(page));
            standing = standing with { Page = page };
        }

        var paused = state.PausedSince is not null;
        if (paused != standing.Paused)
        {
            commands = commands.Add(paused ? new PauseRecording() : new UnpauseRecording());
            standing = standing with { Paused = paused };
        }

        foreach (var mark in state.Marks.Where(mark => mark.At is null && !standing.Marking.Contains(mark.Id)))
        {
            commands = commands.Add(new FindMark(mark.Id, mark.Title, mark.GivenAt));
            standing = standing with { Marking = standing.Marking.Add(mark.Id) };
        }

        return (commands, standing);
    }
}
