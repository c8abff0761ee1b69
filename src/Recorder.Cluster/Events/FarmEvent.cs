using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Events;

/// <summary>An event of the feed.</summary>
/// <param name="Position">Its place among all events of the farm. Later events have greater places.</param>
/// <param name="Id">Its id, which never changes.</param>
/// <param name="Type">One of <see cref="EventType"/>.</param>
/// <param name="Session">The session, or null for an event of the farm.</param>
/// <param name="Body">The event as people get it, in JSON. The same text wherever and however often it is
/// sent.</param>
public sealed record FarmEvent(long Position, string Id, string Type, int? Session, string Body)
{
    private ImmutableList<SessionLabel>? _labels;

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The owner of the session; null when not known, and for an event of the farm.</summary>
    public string? Owner { get; init; }

    /// <summary>The labels of the session. Read from the body when they are first asked for, since most readers ask for
    /// none.</summary>
    public ImmutableList<SessionLabel> Labels => _labels ??= EventBody.LabelsIn(Body);
}

/// <summary>A session as its events tell of it.</summary>
/// <param name="Id">The session.</param>
/// <param name="Name">Its name, or null.</param>
/// <param name="Labels">Its labels.</param>
internal sealed record ToldSession(SessionId Id, string? Name, ImmutableList<SessionLabel> Labels)
{
    /// <summary>Who started the session; null when not known.</summary>
    public string? Owner { get; init; }

    /// <summary>A session without a name and labels.</summary>
    public static ToldSession Of(SessionId id, SessionSpec? spec = null) =>
        new(id, spec?.Name, spec?.Labels ?? []) { Owner = spec?.Owner };
}

/// <summary>An event that has no place in the feed yet.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">One of <see cref="EventType"/>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Node">The cluster address of the node where it happened.</param>
/// <param name="SequenceNr">The number of the event in the session's journal that tells it.</param>
/// <param name="Data">What the type says beside that.</param>
internal sealed record EventDraft(
    string Id,
    string Type,
    DateTimeOffset At,
    string Node,
    long SequenceNr,
    object Data
);
