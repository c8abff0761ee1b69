using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Worker.Files.Joining;

namespace Recorder.Http.Library;

/// <summary>All records of a session as one file. Nothing is encoded and nothing is written: the edge sends an index of
/// its own, and then the media data of the records from the nodes that hold them.</summary>
internal sealed class SessionMedia(EdgeClient edge, JoinedFiles joined)
{
    /// <summary>Changes when the form of joined files changes.</summary>
    private const string Form = "1";

    /// <summary>How much earlier than the next record's first frame a gap may seem to end.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>The records of a session as an answer.</summary>
    /// <param name="session">The session.</param>
    /// <param name="inline">Whether a browser shows the file.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">The records cannot be read, or cannot be one file.</exception>
    public async Task<IResult> OfAsync(SessionSummary session, bool inline, CancellationToken aborted)
    {
        var items = ItemsOf(session);
        if (RefusalOf(session, items) is { } refusal)
        {
            throw new RefusedException(refusal);
        }
        if (items is [var single])
        {
            return await edge.MediaAsync(single, inline, live: false, aborted);
        }
        var found = new List<(RecordSource Source, MediaFacts Facts)>();
        foreach (var item in items)
        {
            found.Add(await edge.FindMediaAsync(item, inline, aborted));
        }
        var chapters = items.Select((item, index) => ChapterOf(session, items, index)).ToImmutableList();
        var tag = TagOf(found.Select((one, index) => $"{one.Facts.Tag} {one.Facts.Length} {chapters[index]}"));
        try
        {
            var file = await joined.GetAsync(
                tag,
                [.. found.Select(one => one.Source.Node)],
                reading =>
                    PlanAsync(
                        session.Spec.Container,
                        [
                            .. found.Select(
                                (one, index) =>
                                    new JoinedRecord(
                                        $"Record {items[index].Id}",
                                        chapters[index],
                                        one.Facts.Length,
                                        (from, count) => one.Source.ReadAsync(from, count, reading)
                                    )
                            ),
                        ]
                    ),
                aborted
            );
            return new RecordMedia(
                new JoinedSource(file, [.. found.Select(one => one.Source)]),
                new MediaFacts(
                    NameOf(session, items[0]),
                    found[0].Facts.ContentType,
                    file.Length,
                    new EntityTagHeaderValue($"\"{tag}\""),
                    found.Max(one => one.Facts.ModifiedAt),
                    inline,
                    Growing: false
                )
            );
        }
        catch (NotJoinableException error)
        {
            throw new RefusedException(
                new EdgeRefusal(
                    ErrorCode.NotJoinable,
                    $"The records of session {session.Id} cannot be one file: {error.Message.TrimEnd('.')}. GET each by /api/records/{{id}}/media; GET /api/records?session={session.Id} lists them."
                )
            );
        }
    }

    /// <summary>The records of a session in the order of playing. Pure.</summary>
    public static ImmutableList<SessionRecord> ItemsOf(SessionSummary session) =>
        [
            .. RecordId
                .Of(session)
                .Select(one => new SessionRecord(one.Id, session, one.Record))
                .OrderBy(item => item.Record.OpenedAt ?? DateTimeOffset.MaxValue)
                .ThenBy(item => item.Id.Number),
        ];

    /// <summary>Why the records cannot be read as one file at present; null when nothing is known against it.
    /// Pure.</summary>
    public static EdgeRefusal? RefusalOf(SessionSummary session, ImmutableList<SessionRecord> items) =>
        items.Select(item => RecordLibrary.RefusalOf(item, live: false)).FirstOrDefault(refusal => refusal is not null)
        ?? (
            session.Running
                ? new EdgeRefusal(
                    ErrorCode.NotFinished,
                    $"Session {session.Id} still runs, and may get more records; stop the session first."
                )
            : items.IsEmpty ? new EdgeRefusal(ErrorCode.NoSuchFile, $"Session {session.Id} has no record.")
            : null
        );

    /// <summary>The title of the chapter that begins with a record: what was missing before. Pure.</summary>
    public static string ChapterOf(SessionSummary session, ImmutableList<SessionRecord> items, int index)
    {
        var title = string.Create(CultureInfo.InvariantCulture, $"Part {index + 1}");
        if (
            index == 0
            || items[index].Record.OpenedAt is not { } opened
            || items[index - 1].Record.OpenedAt is not { } before
        )
        {
            return title;
        }
        var gap = session.Gaps.FindLast(gap => gap.From > before && gap.From < opened + Tolerance);
        return gap is null
            ? title
            : $"{title}, after a gap of {Math.Max(0, Math.Round(((gap.To ?? opened) - gap.From).TotalSeconds)).ToString(CultureInfo.InvariantCulture)} s ({gap.Code})";
    }

    private static Task<JoinedFile> PlanAsync(RecordContainer container, IReadOnlyList<JoinedRecord> records) =>
        container switch
        {
            RecordContainer.Mp4 or RecordContainer.M4a => MovieJoin.PlanAsync(records),
            _ => throw new NotJoinableException(
                $"Only MP4 records are joined, and these are {container.ToString().ToLowerInvariant()}."
            ),
        };

    private static string NameOf(SessionSummary session, SessionRecord first)
    {
        var file = ContentNames.FileNameOf(first);
        return session.Spec.Name is null
            ? file
            : ContentNames.FileNameOf(first with { Id = default }).Replace($" {default(RecordId)}", $" {session.Id}", StringComparison.Ordinal);
    }

    private static string TagOf(IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Form}\n{string.Join('\n', parts)}")));
}
