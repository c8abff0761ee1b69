using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting.Driver;

/// <summary>A node that should be in the farm.</summary>
/// <param name="Slots">How many page sessions of full size it holds.</param>
/// <param name="Draining">Whether it was told to hold none.</param>
internal sealed record KnownNode(int Slots, bool Draining);

/// <summary>What is certain of a session because the farm has answered it.</summary>
/// <param name="Spec">What it was asked to record.</param>
internal sealed record KnownSession(PageSessionSpec Spec)
{
    /// <summary>The session's start was answered with its first frame.</summary>
    public bool Started { get; init; }

    /// <summary>The session was asked to stop, so that it may end at any time.</summary>
    public bool StopAsked { get; init; }

    /// <summary>The farm has answered that it has ended, or that it did not start.</summary>
    public bool Ended { get; init; }
}

/// <summary>The farm as it shows itself at one time.</summary>
/// <param name="Sessions">Its list.</param>
/// <param name="Pressure">Its nodes.</param>
/// <param name="Members">What each node sees.</param>
/// <param name="Live">The media that live.</param>
internal sealed record FarmView(
    ImmutableList<SessionSummary> Sessions,
    Pressure Pressure,
    ImmutableList<FarmMembers> Members,
    ImmutableList<MediaLife> Live
);

/// <summary>What the driver knows of the farm, and what has to be true of it at rest. Pure.</summary>
internal sealed record FarmModel
{
    /// <summary>The nodes that should be there, by cluster address.</summary>
    public ImmutableSortedDictionary<string, KnownNode> Nodes { get; init; } =
        ImmutableSortedDictionary.Create<string, KnownNode>(StringComparer.Ordinal);

    /// <summary>The sessions whose ids were given out.</summary>
    public ImmutableSortedDictionary<int, KnownSession> Sessions { get; init; } =
        ImmutableSortedDictionary<int, KnownSession>.Empty;

    /// <summary>The sessions started with a key.</summary>
    public ImmutableSortedDictionary<string, int> Keys { get; init; } =
        ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>The sessions that record, and that nobody has asked to stop.</summary>
    public ImmutableList<int> Lasting =>
        [
            .. Sessions
                .Where(session => session.Value is { Started: true, StopAsked: false })
                .Select(session => session.Key),
        ];

    public FarmModel With(int id, Func<KnownSession, KnownSession> change) =>
        this with
        {
            Sessions = Sessions.SetItem(id, change(Sessions[id])),
        };

    /// <summary>The nodes that may be given a session of this cost, as the list has their others.</summary>
    public IEnumerable<string> NodesWithRoom(IEnumerable<SessionSummary> sessions, decimal cost)
    {
        var used = sessions
            .Where(session => session.Running && session.Phase != SessionPhase.WaitingForRoom)
            .GroupBy(session => session.Node)
            .ToDictionary(node => node.Key, node => node.Sum(session => SessionCost.Of(session.Spec)));
        return Nodes
            .Where(node => !node.Value.Draining && used.GetValueOrDefault(node.Key) + cost <= node.Value.Slots)
            .Select(node => node.Key);
    }

    /// <summary>Why the farm is not at rest, or is not as it should be; null when it is at rest and right.</summary>
    public string? Unrest(FarmView view) =>
        Membership(view)
        ?? Ids(view)
        ?? view.Sessions.Select(session => Unrest(session, view)).FirstOrDefault(reason => reason is not null)
        ?? Strangers(view);

    private string? Membership(FarmView view)
    {
        foreach (var seen in view.Members)
        {
            if (
                !Nodes.Keys.SequenceEqual(
                    seen.Members.Select(member => member.Node).Order(StringComparer.Ordinal),
                    StringComparer.Ordinal
                )
                || seen.Members.Exists(member => member.Status != "Up")
                || !seen.Unreachable.IsEmpty
            )
            {
                return $"{seen.Self} sees other members than {string.Join(", ", Nodes.Keys)}: {string.Join("; ", seen.Members)}; unreachable: {string.Join(", ", seen.Unreachable)}";
            }
        }

        if (
            !Nodes.Keys.SequenceEqual(
                view.Pressure.Nodes.Select(node => node.Node).Order(StringComparer.Ordinal),
                StringComparer.Ordinal
            )
        )
        {
            return $"the placement does not know the nodes {string.Join(", ", Nodes.Keys)}: {string.Join("; ", view.Pressure.Nodes)}";
        }
        return
            view.Pressure.Nodes.Find(node =>
                node.Reason?.Contains("drained", StringComparison.Ordinal) == true != Nodes[node.Node].Draining
            )
                is { } odd
            ? $"{odd.Node} should be {(Nodes[odd.Node].Draining ? "" : "not ")}draining: {odd}"
            : null;
    }

    private string? Ids(FarmView view)
    {
        var listed = view.Sessions.ConvertAll(session => session.Id.Value);
        if (!listed.SequenceEqual(Enumerable.Range(1, listed.Count)))
        {
            return $"the list has other ids than 1 to {listed.Count}: {string.Join(", ", listed)}";
        }
        return Sessions.Keys.Except(listed).ToList() is { Count: > 0 } missing
            ? $"sessions were accepted and are not listed: {string.Join(", ", missing)}"
            : null;
    }

    private string? Unrest(SessionSummary session, FarmView view)
    {
        var known = Sessions.GetValueOrDefault(session.Id.Value);
        var live = view.Live.FindAll(life => life.Session == session.Id && !life.Stray);
        var what = $"session {session.Id} is {session.Phase} on {session.Node}, attempt {session.Attempt}";
        if (known is { Ended: true } && session.Running)
        {
            return $"{what}, and its end was answered";
        }
        if (known is { Started: true } && !session.EverRecorded)
        {
            return $"{what}, and its first frame was answered but is not listed";
        }
        if (known is { Started: true, StopAsked: false } && !session.Running)
        {
            return $"{what}, and nobody has stopped it; faults: {string.Join("; ", session.Faults)}";
        }
        if (
            known is not null
            && (known.Spec.Page, known.Spec.Video)
                != (((PageSessionSpec)session.Spec).Page, ((PageSessionSpec)session.Spec).Video)
        )
        {
            return $"{what}, with another request than it was started with: {session.Spec}";
        }
        var attempts = session.Records.Select(record => record.Attempt).Distinct().ToList();
        if (
            !attempts.SequenceEqual(Enumerable.Range(1, attempts.Count))
            || attempts.Count < session.Attempt && session.EverRecorded
        )
        {
            return $"{what}, and has records of attempts {string.Join(", ", attempts)}";
        }
        switch (session.Phase)
        {
            case SessionPhase.Recording when !Nodes.ContainsKey(session.Node):
                return $"{what}, which is not there";
            case SessionPhase.Recording
                when live.Count != 1 || live[0].Node != session.Node || live[0].Record != session.Records[^1].Path:
                return $"{what}, and these media live: {string.Join("; ", live)}";
            case SessionPhase.Recording
                when Nodes[session.Node].Draining
                    && NodesWithRoom(view.Sessions, SessionCost.Of(session.Spec)).FirstOrDefault() is { } room:
                return $"{what}, which is drained, and {room} has room for it";
            case SessionPhase.WaitingForRoom
                when NodesWithRoom(view.Sessions, SessionCost.Of(session.Spec)).FirstOrDefault() is { } room:
                return $"{what}, and {room} has room for it";
            case SessionPhase.Recording:
                return null;
            case SessionPhase.WaitingForRoom or SessionPhase.Stopped or SessionPhase.Failed:
                return live.IsEmpty ? null : $"{what}, and these media live: {string.Join("; ", live)}";
            default:
                return what;
        }
    }

    private static string? Strangers(FarmView view) =>
        view.Live.Find(life => !view.Sessions.Exists(session => session.Id == life.Session)) is { } stranger
            ? $"media of no session lives: {stranger}"
            : null;
}
