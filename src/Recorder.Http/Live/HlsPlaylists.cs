using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Live;

/// <summary>
/// Reads the playlists of sessions from the nodes that hold their records. While no newer playlist is available, the
/// last playlist is served again. A player treats an unchanged playlist as a slow one, but an error as the end.
/// </summary>
internal sealed class HlsPlaylists(EdgeClient edge) : IDisposable
{
    /// <summary>How long a playlist is served again while no newer playlist is available.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>How many of a session's newest records have their playlists read.</summary>
    private const int RecordsRead = 32;

    // The room for kept playlists, in characters; the playlist of an hour has some 100 000.
    private const long Room = 32 << 20;

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = Room });

    /// <summary>The last playlist of a session that was served; null when there is none.</summary>
    /// <param name="session">The session.</param>
    /// <param name="owner">The only owner whose sessions the caller sees; null: the caller sees every session.</param>
    public string? Last(SessionId session, string? owner) =>
        _kept.Get<Kept>(session) is { } kept && (owner is null || kept.Owner == owner) ? kept.Text : null;

    /// <summary>The playlist of a session, or the reason why the playlist is not available. Both are null when there is
    /// no playlist yet.</summary>
    public async Task<(string? Text, EdgeRefusal? Refusal)> OfAsync(SessionSummary session, CancellationToken aborted)
    {
        var records = session.Records.RemoveAll(record => record.Found);
        var read = await Task.WhenAll(
            records.Select(
                (record, index) =>
                    index < records.Count - RecordsRead
                        ? Task.FromResult<(RecordPlaylist? Playlist, EdgeRefusal? Refusal)>((null, null))
                        : ReadAsync(session, record, aborted)
            )
        );
        var over =
            !session.Running || (session.Phase == SessionPhase.Stopping && read is [.., { Playlist.Ended: true }]);
        var text = SessionPlaylist.Compose(
            [.. records.Zip(read, (record, part) => new SessionPlaylist.Part(record, part.Playlist))],
            over,
            Last(session.Id, null)
        );
        if (text is not null)
        {
            _kept.Set(
                session.Id,
                new Kept(text, session.Spec.Owner),
                new MemoryCacheEntryOptions { Size = text.Length, AbsoluteExpirationRelativeToNow = Patience }
            );
            return (text, null);
        }

        return session.Running && Last(session.Id, null) is { } last
            ? (last, null)
            : (null, read.LastOrDefault(part => part.Refusal is not null).Refusal);
    }

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();

    private sealed record Kept(string Text, string? Owner);

    private async Task<(RecordPlaylist? Playlist, EdgeRefusal? Refusal)> ReadAsync(
        SessionSummary session,
        RecordSummary record,
        CancellationToken aborted
    )
    {
        // The playlist of a finished record is read too, although it no longer changes. Its segments are listed only
        // while their node can be asked.
        var node = record.Node ?? session.Node;
        var ask = new ReadHlsFile(session.Id, Path.GetFileName(record.Path), HlsFiles.Playlist, 0, HlsFiles.ChunkBytes)
        {
            Folder = record.Folder,
        };
        switch (await edge.AskAsync(new GetHlsPart(node, ask), aborted))
        {
            case HlsPartFound first:
                try
                {
                    using var reader = new StreamReader(
                        new HlsStream(
                            first,
                            (offset, cancelled) =>
                                edge.AskAsync(new GetHlsPart(node, ask with { Offset = offset }), cancelled)
                        ),
                        Encoding.UTF8
                    );
                    return (RecordPlaylist.Parse(await reader.ReadToEndAsync(aborted)), null);
                }
                catch (HlsCutOffException cut)
                {
                    return (null, cut.Why);
                }

            case EdgeRefusal refusal:
                return (null, refusal);
            default:
                return (RecordPlaylist.None, null);
        }
    }
}
