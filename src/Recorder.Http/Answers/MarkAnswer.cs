using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>A marked moment of a session.</summary>
/// <param name="Id">The id of the mark within its session.</param>
/// <param name="Title">What players show.</param>
/// <param name="GivenAt">When the mark was given.</param>
/// <param name="Record">The id of the record that holds the moment; null while no record does.</param>
/// <param name="At">Where the moment is in the record, in seconds from its beginning; null while no record holds the
/// moment.</param>
public sealed record MarkAnswer(string Id, string Title, DateTimeOffset GivenAt, string? Record, double? At)
{
    /// <summary>The answer about a mark.</summary>
    internal static MarkAnswer Of(SessionId session, SessionMark mark) =>
        new(
            mark.Id,
            mark.Title,
            mark.GivenAt,
            mark.Record is { } number ? new RecordId(session, number).ToString() : null,
            mark.At?.TotalSeconds
        );

    /// <summary>The marks of a session.</summary>
    internal static IReadOnlyList<MarkAnswer> ListOf(SessionSummary session) =>
        [.. session.Marks.Select(mark => Of(session.Id, mark))];
}
