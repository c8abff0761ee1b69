using Microsoft.AspNetCore.Http;

using Recorder.Cluster.Sessions;
using Recorder.Http.Endpoints;

namespace Recorder.Http.Answers;

/// <summary>One file of a session's HLS output, read while it may still be written beside.</summary>
internal sealed class HlsFile(FileStream file, string contentType) : IResult
{
    /// <summary>RFC 8216, section 4.</summary>
    public const string PlaylistType = "application/vnd.apple.mpegurl";

    private const string SegmentType = "video/mp2t";

    /// <summary>
    /// The file of that name: of the record that grows while the session runs, since the playlist of an earlier one has an end and a player would stop there;
    /// afterwards of the newest record that has a playlist. Or why there is none.
    /// </summary>
    public static IResult Of(SessionSummary session, string name)
    {
        if (session.Spec is not PageSessionSpec { Hls: true })
            return NoSuchFile($"Session {session.Id} has no HLS output; start a session with \"hls\":true for one.");

        // The name is looked at before it becomes part of a path; the folder is the recorder's own.
        if (!HlsFiles.IsName(name))
            return NoSuchFile($"Session {session.Id} has no such HLS file; play {HlsFiles.Playlist}.");
        try
        {
            foreach (var record in session.Running ? session.Records.TakeLast(1).Where(record => !record.Finished) : session.Records.Reverse())
            {
                var folder = HlsFiles.FolderOf(record.Path);
                if (!File.Exists(Path.Join(folder, HlsFiles.Playlist)))
                    continue;
                var file = new FileStream(Path.Join(folder, name), new FileStreamOptions
                {
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                });
                return new HlsFile(file, name == HlsFiles.Playlist ? PlaylistType : SegmentType);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return NoSuchFile($"Session {session.Id} has no HLS file {name} on this node.");
        }

        var holder = session.Records.LastOrDefault()?.Node ?? session.Node;
        return NoSuchFile(
            $"Session {session.Id} has no playlist here yet: it appears with the record's first segment, some seconds after its start, on the node that writes it, {holder}.");
    }

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using (file)
        {
            var headers = httpContext.Response.Headers;

            // A playlist changes, and the segments of the next record have the names of the last.
            headers.CacheControl = "no-store";
            headers.XContentTypeOptions = "nosniff";
            await Results.Stream(file, contentType, enableRangeProcessing: true).ExecuteAsync(httpContext);
        }
    }

    private static IResult NoSuchFile(string message) => EdgeAnswers.Refused(new Requests.RequestError(ErrorCode.NoSuchFile, message, null));
}
