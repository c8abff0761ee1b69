using System.Net;
using System.Security.Cryptography;
using Recorder.Http.Answers;

namespace Recorder.Node.Commands;

/// <summary>
/// Brings the file of one record here. The bytes are written beside the file, as <c>.part</c>, and get the file's name
/// when they are whole and have the record's SHA-256. What an earlier try left as <c>.part</c> is continued.
/// </summary>
/// <param name="node">The node that is asked.</param>
/// <param name="record">The record.</param>
/// <param name="time">Measures the waits between tries.</param>
internal sealed class RecordDownload(NodeClient node, LibraryRecordAnswer record, TimeProvider time)
{
    /// <summary>How often in a row the download may break off without a byte.</summary>
    private const int MostBreaks = 5;

    private const int BufferBytes = 256 << 10;

    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    /// <summary>The path of the file's bytes.</summary>
    public string Media => $"/api/records/{record.Id}/media";

    /// <summary>The name under which the node says to save the record.</summary>
    /// <exception cref="InvalidDataException">The node refuses; the message is its own sentence.</exception>
    public async Task<string> NameAsync()
    {
        var disposition = (await node.HeadAsync(Media)).ContentDisposition;
        var told = disposition?.FileNameStar ?? disposition?.FileName?.Trim('"');
        return NameOf(told) ?? NameOf(record.File) ?? $"record {record.Id}";
    }

    /// <summary>Brings the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="replace">Whether a file of this path is replaced.</param>
    /// <param name="tell">Hears how many bytes are here, and how many there are.</param>
    /// <param name="cancellation">Ends the download; the part stays.</param>
    /// <returns>The SHA-256 of the file.</returns>
    /// <exception cref="InvalidDataException">The node refuses, or the file is not the record.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public async Task<string> RunAsync(
        string path,
        bool replace,
        Action<long, long> tell,
        CancellationToken cancellation
    )
    {
        var part = path + ".part";
        string sha256;
        await using (
            var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0)
        )
        {
            if (record.Sha256 is null)
            {
                // Nothing would tell that the part is of another record.
                file.SetLength(0);
            }
            var continued = file.Length > 0;
            sha256 = await FillAsync(file, tell, cancellation);
            if (IsOther(sha256) && continued)
            {
                // The part was of another file.
                file.SetLength(0);
                sha256 = await FillAsync(file, tell, cancellation);
            }
            file.Flush(flushToDisk: true);
        }
        if (IsOther(sha256))
        {
            File.Delete(part);
            throw new InvalidDataException(
                $"What came as record {record.Id} has the SHA-256 {sha256}, and the record's is {record.Sha256}; nothing was kept. Try again, and see whether the file on {record.Node} was changed."
            );
        }
        File.Move(part, path, replace);
        return sha256;
    }

    private static string? NameOf(string? told) =>
        Path.GetFileName(told) is { Length: > 0 } name and not ("." or "..") ? name : null;

    private bool IsOther(string sha256) => record.Sha256 is { } known && known != sha256;

    private async Task<string> FillAsync(FileStream file, Action<long, long> tell, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        file.Position = 0;
        while (await file.ReadAsync(buffer, cancellation) is > 0 and var known)
        {
            hash.AppendData(buffer.AsSpan(0, known));
        }
        for (var breaks = 0; ;)
        {
            var before = file.Position;
            try
            {
                if (await AppendAsync(file, hash, buffer, tell, cancellation))
                {
                    return Convert.ToHexStringLower(hash.GetHashAndReset());
                }
            }
            catch (Exception error) when (IsBreak(error, cancellation) && Next(ref breaks, file.Position > before))
            {
                // The next try goes on from here.
            }
            await Task.Delay(FirstWait * Math.Max(1, breaks), time, cancellation);
        }
    }

    private static bool Next(ref int breaks, bool moved)
    {
        breaks = moved ? 1 : breaks + 1;
        return breaks < MostBreaks;
    }

    /// <summary>A connection that breaks off, and a node that cannot answer at present.</summary>
    private static bool IsBreak(Exception error, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested
        && error is HttpRequestException or OperationCanceledException;

    /// <returns>Whether the file is whole.</returns>
    private async Task<bool> AppendAsync(
        FileStream file,
        IncrementalHash hash,
        byte[] buffer,
        Action<long, long> tell,
        CancellationToken cancellation
    )
    {
        using var answer = await node.OpenAsync(Media, file.Position);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // Nothing is missing. A part that is longer than the record has another hash.
            var length = answer.Content.Headers.ContentRange?.Length;
            return file.Position == length ? true : Restart(file, hash);
        }
        if (answer.StatusCode == HttpStatusCode.OK && file.Position > 0)
        {
            // The node sends the file from its beginning.
            Restart(file, hash);
        }
        var whole = file.Position + (answer.Content.Headers.ContentLength ?? 0);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        tell(file.Position, whole);
        while (true)
        {
            silence.CancelAfter(SilenceLimit);
            var read = await ReadAsync(body, buffer, silence.Token);
            if (read == 0)
            {
                return file.Position == whole;
            }
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            hash.AppendData(buffer.AsSpan(0, read));
            tell(file.Position, whole);
        }
    }

    /// <summary>Reads from the network. A failure of the disk is another error.</summary>
    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken silence)
    {
        try
        {
            return await body.ReadAsync(buffer, silence);
        }
        catch (IOException error)
        {
            throw new HttpRequestException(error.Message, error);
        }
    }

    private static bool Restart(FileStream file, IncrementalHash hash)
    {
        file.SetLength(0);
        file.Position = 0;
        hash.GetHashAndReset();
        return false;
    }
}
