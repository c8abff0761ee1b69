using System.Collections.Immutable;

namespace Recorder.Cluster.Sessions;

/// <summary>What this incarnation of the session has asked of its media child.</summary>
internal sealed record MediaStanding
{
    /// <summary>Display, sound and browser have been asked for and have not failed since.</summary>
    public bool Up { get; init; }

    /// <summary>The record that was asked for last.</summary>
    public string? Writing { get; init; }

    /// <summary>Whether its end has been asked for.</summary>
    public bool Finishing { get; init; }

    /// <summary>The records whose repair has been asked for.</summary>
    public ImmutableHashSet<string> Repairing { get; init; } = [];
}

/// <summary>What is to be done next: the difference between what the state wants and what the media child has been asked for.</summary>
internal static class SessionWork
{
    /// <summary>The commands to give now, in order, and the standing after them.</summary>
    /// <param name="state">The session.</param>
    /// <param name="standing">What was asked for so far.</param>
    /// <param name="leaving">Whether the node is leaving, so that nothing new is begun.</param>
    public static (ImmutableList<IMediaCommand> Commands, MediaStanding Standing) Next(SessionState state, MediaStanding standing, bool leaving)
    {
        ImmutableList<IMediaCommand> commands = [];
        var ending = leaving || state.Outcome is not null;
        if (state.Current is { } current)
        {
            if (!ending && standing.Writing != current)
            {
                commands = commands.Add(standing.Up ? new ContinueRecording(current) : new BeginRecording(state.Attempt, state.Spec!, current));
                standing = standing with { Up = true, Writing = current, Finishing = false };
            }
            else if (ending && standing.Writing == current && !standing.Finishing)
            {
                commands = commands.Add(new FinishRecording());
                standing = standing with { Finishing = true };
            }
        }

        if (leaving) return (commands, standing);
        foreach (var record in state.Unrepaired.Where(record => !standing.Repairing.Contains(record.Path)))
        {
            commands = commands.Add(new RepairRecord(record.Path, state.Spec!.Container));
            standing = standing with { Repairing = standing.Repairing.Add(record.Path) };
        }

        return (commands, standing);
    }
}
