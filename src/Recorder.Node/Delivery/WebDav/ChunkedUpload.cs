using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.WebDav;

/// <summary>How far a chunked upload is.</summary>
/// <param name="Target">The address of the file that the chunks make.</param>
/// <param name="Length">The length of the file, in bytes.</param>
/// <param name="Changed">When the file was last changed, in ticks of UTC.</param>
/// <param name="PartSize">The length of every chunk but the last, in bytes.</param>
/// <param name="Folder">The address of the folder of the chunks, with a slash at its end.</param>
/// <param name="Chunks">The SHA-256s of the confirmed chunks by their numbers, from 1.</param>
internal sealed record ChunkState(
    string Target,
    long Length,
    long Changed,
    int PartSize,
    string Folder,
    SortedDictionary<int, string> Chunks
);

/// <summary>
/// The upload of a long file to Nextcloud in chunks (its version 2): a folder below <c>uploads</c>, one PUT a chunk,
/// and a MOVE that puts the chunks together. Each confirmed chunk is noted, so that a later attempt sends no such chunk
/// again.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="destination">The destination's name, for messages.</param>
/// <param name="options">The destination.</param>
/// <param name="statePath">The file of the <see cref="ChunkState"/>.</param>
internal sealed partial class ChunkedUpload(
    WebDavServer server,
    string destination,
    DestinationOptions options,
    string statePath
)
{
    /// <summary>The most chunks of a file, by Nextcloud.</summary>
    private const int MostChunks = 10_000;

    /// <summary>The address of the folder of all uploads of a user; null when an address is none of
    /// Nextcloud's.</summary>
    /// <param name="endpoint">The address of a folder of the user's files.</param>
    public static Uri? UploadsOf(string endpoint) =>
        FilesForm().Match(endpoint) is { Success: true } found
            ? new Uri($"{found.Groups["dav"].Value}/uploads/{found.Groups["user"].Value}/")
            : null;

    /// <summary>Sends the file.</summary>
    /// <param name="file">The file; its hash is known.</param>
    /// <param name="target">The address of the file that the chunks make.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public async Task SendAsync(FileToSend file, Uri target, Pace pace)
    {
        var info = new FileInfo(file.Path);
        var state = await OpenAsync(info, target, pace);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var source = SourceFile.Open(file.Path))
        {
            var number = 0;
            for (var at = 0L; at < info.Length; at += state.PartSize)
            {
                number++;
                var chunk = new byte[Math.Min(state.PartSize, info.Length - at)];
                await source.ReadExactlyAsync(chunk, pace.Token);
                whole.AppendData(chunk);
                var sum = Convert.ToHexStringLower(SHA256.HashData(chunk));
                if (state.Chunks.GetValueOrDefault(number) == sum)
                {
                    await pace.ComparedAsync(chunk.Length);
                    continue;
                }
                await SendChunkAsync(file, state, number, chunk, sum, pace);
            }
        }
        SourceFile.Compare(file, Convert.ToHexStringLower(whole.GetHashAndReset()));
        await server.MoveAsync(new Uri(state.Folder + ".file"), target, pace, info.Length);

        // The folder of the chunks is gone with this, whatever the file holds.
        File.Delete(statePath);
    }

    /// <summary>Takes the chunks of an unfinished upload away.</summary>
    /// <param name="cancellation">Ends the request.</param>
    public async Task AbandonAsync(CancellationToken cancellation)
    {
        if (StateFile.Read<ChunkState>(statePath) is { Folder: not null } state)
        {
            await server.DeleteAsync(new Uri(state.Folder), cancellation);
        }
        File.Delete(statePath);
    }

    private async Task SendChunkAsync(
        FileToSend file,
        ChunkState state,
        int number,
        byte[] chunk,
        string sum,
        Pace pace
    )
    {
        using var content = new StreamContent(new PartStream(chunk, chunk.Length, pace), SourceFile.Chunk);
        content.Headers.ContentLength = chunk.Length;
        var told = await server.PutAsync(
            new Uri(state.Folder + number.ToString("00000", CultureInfo.InvariantCulture)),
            content,
            pace,
            new Uri(state.Target),
            state.Length
        );
        if (told is not null && told != sum)
        {
            throw new TransferFailure(
                $"Destination {destination}: the server has other bytes of chunk {number} of {file.Name} than were sent. The attempt is made again.",
                mayPass: true
            );
        }
        state.Chunks[number] = sum;
        StateFile.Write(statePath, state);
    }

    /// <summary>Goes on with the upload of an earlier attempt, or begins one.</summary>
    private async Task<ChunkState> OpenAsync(FileInfo info, Uri target, Pace pace)
    {
        if (StateFile.Read<ChunkState>(statePath) is { Folder: not null } earlier)
        {
            if (
                (earlier.Target, earlier.Length, earlier.Changed)
                    == (target.AbsoluteUri, info.Length, info.LastWriteTimeUtc.Ticks)
                && await server.ListAsync(new Uri(earlier.Folder), pace) is { } there
            )
            {
                KeepWhatIsThere(earlier, there);
                return earlier;
            }
            await AbandonAsync(pace.Token);
        }
        var uploads =
            UploadsOf(options.Endpoint)
            ?? throw new TransferFailure(
                $"Destination {destination}: Endpoint is no folder of Nextcloud, which ends with /remote.php/dav/files/USER or goes on from there.",
                mayPass: true
            );
        var length = Math.Max(options.PartSize.Bytes, (info.Length + MostChunks - 1) / MostChunks);
        var state = new ChunkState(
            target.AbsoluteUri,
            info.Length,
            info.LastWriteTimeUtc.Ticks,
            (int)length,
            new Uri(uploads, $"recorder-{Guid.NewGuid():N}/").AbsoluteUri,
            []
        );

        // The state comes first: a folder that nobody remembers would stay until the server sweeps.
        StateFile.Write(statePath, state);
        await server.MakeFolderAsync(new Uri(state.Folder), pace, target);
        return state;
    }

    private static void KeepWhatIsThere(ChunkState state, IEnumerable<StoredFile> there)
    {
        var lengths = new Dictionary<int, long?>();
        foreach (var chunk in there)
        {
            if (int.TryParse(chunk.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                lengths[number] = chunk.Length;
            }
        }
        foreach (var number in state.Chunks.Keys.ToList())
        {
            var expected = Math.Min(state.PartSize, state.Length - (long)(number - 1) * state.PartSize);
            if (lengths.GetValueOrDefault(number) != expected)
            {
                state.Chunks.Remove(number);
            }
        }
    }

    [GeneratedRegex(@"\A(?<dav>https?://[^/]+(/.*)?/dav)/files/(?<user>[^/]+)(/|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex FilesForm();
}
