using Microsoft.AspNetCore.Http;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Library;

/// <summary>The files of records, from whichever node holds them.</summary>
internal static class RecordLibrary
{
    /// <summary>A record as an answer.</summary>
    /// <param name="edge">The way to the farm.</param>
    /// <param name="item">The record.</param>
    /// <param name="inline">Whether a browser shows the record.</param>
    /// <param name="live">Whether a growing record is read up to its last whole fragment.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <param name="admit">Says why the caller gets nothing, once it is known what the caller gets; null: every caller
    /// gets it.</param>
    /// <exception cref="RefusedException">The record cannot be read.</exception>
    public static async Task<IResult> MediaAsync(
        this EdgeClient edge,
        SessionRecord item,
        bool inline,
        bool live,
        CancellationToken aborted,
        Func<MediaPart, Task<EdgeRefusal?>>? admit = null
    )
    {
        var growing = RefusalOf(item, live) is { } refusal
            ? throw new RefusedException(refusal)
            : !item.Record.Finished;
        var (source, facts) = await edge.FindMediaAsync(item, inline, aborted, growing);
        return new RecordMedia(source, facts) { Admit = admit };
    }

    /// <summary>Finds the file of a record.</summary>
    /// <param name="edge">The way to the farm.</param>
    /// <param name="item">The record.</param>
    /// <param name="inline">Whether a browser shows the record.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <param name="growing">Whether the record grows, and is read up to its last whole fragment.</param>
    /// <exception cref="RefusedException">The record cannot be read.</exception>
    public static async Task<(RecordSource Source, MediaFacts Facts)> FindMediaAsync(
        this EdgeClient edge,
        SessionRecord item,
        bool inline,
        CancellationToken aborted,
        bool growing = false
    )
    {
        var name = $"record {item.Id}";
        var ask = Ask(item, RecordFileKind.Media) with { Growing = growing };
        var found =
            await FindAsync(edge, item, ask, name, aborted)
            ?? throw new RefusedException(Missing(item));
        if (growing && found.Size == 0)
        {
            throw new RefusedException(
                new EdgeRefusal(
                    ErrorCode.NotFinished,
                    $"Record {item.Id} has no whole fragment yet; try again in a second."
                )
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                }
            );
        }
        return (
            new RecordSource(found, ask, name, edge),
            new MediaFacts(
                ContentNames.FileNameOf(item),
                ContentNames.TypeOf(item.Session.Spec.Container),
                found.Size,
                MediaFacts.TagOf(item.Record.Sha256, item.Record.Bytes, found.Size, found.Mark, growing),
                MediaFacts.WholeSeconds(found.ModifiedAt),
                inline,
                growing
            )
        );
    }

    /// <summary>The manifest of a record as an answer.</summary>
    /// <param name="edge">The way to the farm.</param>
    /// <param name="item">The record.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">The manifest cannot be read.</exception>
    public static async Task<IResult> ManifestAsync(
        this EdgeClient edge,
        SessionRecord item,
        CancellationToken aborted
    )
    {
        if (item.Record.Erasing is not null)
        {
            throw new RefusedException(Erased(item));
        }
        var name = $"manifest of record {item.Id}";
        var ask = Ask(item, RecordFileKind.Manifest);
        var found =
            await FindAsync(edge, item, ask, name, aborted)
            ?? throw new RefusedException(
                new EdgeRefusal(
                    ErrorCode.NoSuchFile,
                    item.Record.Finished && item.Record.Sha256 is null
                        ? $"Record {item.Id} has no manifest; a manifest is written when the next record begins or the session has ended."
                    : item.Record.Finished ? $"Record {item.Id} has no manifest any more; the file was removed by hand."
                    : $"Record {item.Id} has no manifest yet; a manifest is written once the record is finished."
                )
            );
        return new RecordMedia(
            new RecordSource(found, ask, name, edge),
            new MediaFacts(
                Path.ChangeExtension(ContentNames.FileNameOf(item), "json"),
                "application/json",
                found.Size,
                MediaFacts.TagOf(null, null, found.Size, found.Mark, growing: false),
                MediaFacts.WholeSeconds(found.ModifiedAt),
                Inline: true,
                Growing: false
            )
        );
    }

    /// <summary>A picture of a record as an answer. The first call makes the picture.</summary>
    /// <param name="edge">The way to the farm.</param>
    /// <param name="item">The record.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">There is no picture, or the picture cannot be read.</exception>
    public static async Task<IResult> PosterAsync(this EdgeClient edge, SessionRecord item, CancellationToken aborted)
    {
        if (RefusalOf(item, live: false) is { } refusal)
        {
            throw new RefusedException(refusal);
        }
        var name = $"picture of record {item.Id}";
        var ask = Ask(item, RecordFileKind.Poster);
        var found =
            await FindAsync(edge, item, ask, name, aborted)
            ?? throw new RefusedException(await WithoutPictureAsync(edge, item, aborted));
        return new RecordMedia(
            new RecordSource(found, ask, name, edge),
            new MediaFacts(
                Path.ChangeExtension(ContentNames.FileNameOf(item), "jpg"),
                "image/jpeg",
                found.Size,
                MediaFacts.TagOf(null, null, found.Size, found.Mark, growing: false),
                MediaFacts.WholeSeconds(found.ModifiedAt),
                Inline: true,
                Growing: false
            )
        );
    }

    /// <summary>The sound beside a record as an answer.</summary>
    /// <param name="edge">The way to the farm.</param>
    /// <param name="item">The record.</param>
    /// <param name="inline">Whether a browser plays the sound.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">There is no sound, or the sound cannot be read.</exception>
    public static async Task<IResult> AudioAsync(
        this EdgeClient edge,
        SessionRecord item,
        bool inline,
        CancellationToken aborted
    )
    {
        if (item.Session.Spec is not PageSessionSpec { AlsoAudio: { } container })
        {
            throw new RefusedException(
                new EdgeRefusal(
                    ErrorCode.NoSuchFile,
                    $"Record {item.Id} has no sound beside it; start a session with also_audio for such a file."
                )
            );
        }
        if (RefusalOf(item, live: false) is { } refusal)
        {
            throw new RefusedException(refusal);
        }
        var name = $"sound of record {item.Id}";
        var ask = Ask(item, RecordFileKind.Audio);
        var found = await FindAsync(edge, item, ask, name, aborted) ?? throw new RefusedException(Missing(item));
        return new RecordMedia(
            new RecordSource(found, ask, name, edge),
            new MediaFacts(
                Path.ChangeExtension(ContentNames.FileNameOf(item), container.Ending()),
                ContentNames.TypeOf(container),
                found.Size,
                MediaFacts.TagOf(null, null, found.Size, found.Mark, growing: false),
                MediaFacts.WholeSeconds(found.ModifiedAt),
                inline,
                Growing: false
            )
        );
    }

    /// <summary>Why a record cannot be read at all at present; null when nothing is known against it. Pure.</summary>
    /// <param name="item">The record.</param>
    /// <param name="live">Whether a growing record is read up to its last whole fragment.</param>
    public static EdgeRefusal? RefusalOf(SessionRecord item, bool live) =>
        RecordViews.StageOf(item.Session, item.Record) switch
        {
            RecordStage.Erasing or RecordStage.Erased => Erased(item),
            RecordStage.Growing when !live => new EdgeRefusal(
                ErrorCode.NotFinished,
                $"Record {item.Id} is still being written; stop session {item.Id.Session} first, or add ?live=1 for what is written so far."
            ),
            RecordStage.Unrepaired => new EdgeRefusal(
                ErrorCode.NotFinished,
                item.Record.Away is { } away
                    ? $"Record {item.Id} is not repaired yet: {away.TrimEnd('.')}."
                    : $"Record {item.Id} was left open when its worker or its node was lost, and is repaired as soon as its node can; try again in a few seconds."
            )
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            },
            _ => null,
        };

    /// <summary>A record that is there and has no picture is told from a record that is gone.</summary>
    private static async Task<EdgeRefusal> WithoutPictureAsync(
        EdgeClient edge,
        SessionRecord item,
        CancellationToken aborted
    ) =>
        await FindAsync(edge, item, Ask(item, RecordFileKind.Media), $"record {item.Id}", aborted) is null
            ? Missing(item)
            : new EdgeRefusal(
                ErrorCode.NoSuchFile,
                $"Record {item.Id} has no picture; the record holds sound alone."
            );

    private static EdgeRefusal Erased(SessionRecord item) =>
        new(
            FaultCode.RecordErased,
            item.Record.Erasing is { Done: { } done } erasing
                ? $"Record {item.Id} was erased at {done.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: {erasing.Reason}"
                : $"Record {item.Id} is being erased since {item.Record.Erasing?.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: {item.Record.Erasing?.Reason}"
        );

    private static EdgeRefusal Missing(SessionRecord item) =>
        new(
            ErrorCode.RecordMissing,
            $"The file of record {item.Id} is no longer in its records folder; it was removed or moved by hand."
        );

    private static ReadRecordFile Ask(SessionRecord item, RecordFileKind kind) =>
        new(item.Session.Id, Path.GetFileName(item.Record.Path), kind, 0, 0) { Folder = item.Record.Folder };

    private static async Task<RecordFileFound?> FindAsync(
        EdgeClient edge,
        SessionRecord item,
        ReadRecordFile ask,
        string name,
        CancellationToken aborted
    ) =>
        await edge.AskAsync(new FindRecordFile(item.Record.Node ?? item.Session.Node, ask, name), aborted) switch
        {
            RecordFileFound found => found,
            RecordFileAbsent => null,
            EdgeRefusal refusal => throw new RefusedException(refusal),
            var other => throw new InvalidOperationException(
                $"The edge actor answered {nameof(FindRecordFile)} with {other.GetType().Name}."
            ),
        };
}
