using System.Collections.Immutable;
using System.Globalization;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>The decisions of a session about marked moments. Pure.</summary>
internal static class MarkDecisions
{
    /// <summary>Decides a wish to mark this moment. A moment in which nothing is recorded waits for the next
    /// record.</summary>
    /// <param name="state">The session.</param>
    /// <param name="title">What players show.</param>
    /// <param name="given">The moment.</param>
    /// <param name="now">Where and when.</param>
    public static ChangeDecision Mark(SessionState state, string title, DateTimeOffset given, Moment now) =>
        state switch
        {
            { Phase: SessionPhase.New } => ChangeDecision.Refused(
                FaultCode.NoSuchSession,
                $"There is no session {state.Id}."
            ),
            { Lasting: false, Waits: false } => ChangeDecision.Refused(
                FaultCode.NotRunning,
                state is { Started: false, Ended: false }
                    ? $"Session {state.Id} has not started yet."
                    : $"Session {state.Id} does not run any more."
            ),
            { Spec.WritesRecord: false } => ChangeDecision.Refused(
                FaultCode.NotSupported,
                $"Session {state.Id} only streams; there is no record to mark."
            ),
            { Marks.Count: >= SessionMark.Most } => ChangeDecision.Refused(
                FaultCode.InvalidRequest,
                $"Session {state.Id} has {SessionMark.Most} marks, which is the most."
            ),
            _ => new ChangeDecision([new MarkGiven(IdOf(state.Marks.Count + 1), title, given, now.Node)], null),
        };

    /// <summary>What follows from a mark of the page.</summary>
    /// <param name="state">The session.</param>
    /// <param name="heard">What the page says.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, PageMarks heard, Moment now) =>
        Mark(state, TitleOf(heard.Title, state.Marks.Count + 1), heard.At < now.At ? heard.At : now.At, now).Events;

    /// <summary>What follows from the place of a mark.</summary>
    /// <param name="state">The session.</param>
    /// <param name="found">The place.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, MarkFound found, Moment now) =>
        found.RecordPath is { } path && state.Marks.Exists(mark => mark.Id == found.Id && mark.At is null)
            ? [new MarkPlaced(found.Id, path, found.At, now.At, now.Node)]
            : [];

    /// <summary>A title of a page, as a record can have it: one line, and never empty.</summary>
    /// <param name="text">What the page says.</param>
    /// <param name="number">The number of the mark, from 1.</param>
    public static string TitleOf(string text, int number)
    {
        var plain = string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter)).Trim();
        if (plain.Length > SessionMark.LongestTitle)
        {
            // Half a character outside the basic plane is no character.
            var length = char.IsHighSurrogate(plain[SessionMark.LongestTitle - 1])
                ? SessionMark.LongestTitle - 1
                : SessionMark.LongestTitle;
            plain = plain[..length];
        }
        return plain.Length > 0 ? plain : string.Create(CultureInfo.InvariantCulture, $"Mark {number}");
    }

    private static string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"mark-{number}");
}
