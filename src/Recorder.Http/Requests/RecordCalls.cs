using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>A record that the path names, by its id or by the name of its file.</summary>
/// <param name="Session">The record's session.</param>
/// <param name="Id">The record's id; null when the path has the name of its file.</param>
/// <param name="File">The name of the record's file; null when the path has its id.</param>
internal sealed record RecordInPath(SessionId Session, RecordId? Id, string? File) : IReadFromCall<RecordInPath>
{
    public static ValueTask<Parsed<RecordInPath>> ReadAsync(HttpRequest call, int longestBody) =>
        new(Parse(call.RouteValues["id"] as string ?? ""));

    /// <summary>Reads a part of the path. Only the recorder's own forms of ids and names are accepted.</summary>
    public static Parsed<RecordInPath> Parse(string text)
    {
        if (RecordId.TryParse(text, out var id))
        {
            return new RecordInPath(id.Session, id, null);
        }
        return RecordFiles.SessionOf(text) is { } session
            ? new RecordInPath(session, null, text)
            : new RequestError(
                ErrorCode.InvalidRequest,
                "id must be the id of a record such as 7-2, or the name of its file; GET /api/records tells both.",
                "id"
            );
    }

    /// <summary>Whether a record is the one that the path names.</summary>
    public bool Is(RecordId id, RecordSummary record) =>
        File is null ? id == Id : Path.GetFileName(record.Path) == File;

    /// <summary>The words of the path.</summary>
    public override string ToString() => File ?? $"{Id}";
}
