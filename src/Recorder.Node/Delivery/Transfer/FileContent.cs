using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>A whole file as the body of a request, read while it is sent, no faster than the pace of the transfer
/// allows.</summary>
internal sealed class FileContent : HttpContent
{
    private readonly string _path;
    private readonly long _length;
    private readonly Pace _pace;

    /// <param name="file">The file.</param>
    /// <param name="length">The length of the file, in bytes.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public FileContent(FileToSend file, long length, Pace pace)
    {
        (_path, _length, _pace) = (file.Path, length, pace);
        Headers.ContentType = new MediaTypeHeaderValue(HttpRoad.MediaType(file.Name));
        Headers.ContentLength = length;
    }

    /// <summary>The SHA-256 of what was sent, in lower-case hexadecimal digits; null while not all was sent.</summary>
    public string? Sent { get; private set; }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, _pace.Token);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        // A client may send the body once more when a kept connection turns out to be closed.
        Sent = null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = SourceFile.Open(_path);
        var buffer = new byte[SourceFile.Chunk];
        for (var left = _length; left > 0;)
        {
            var read = await file.ReadAsync(
                buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)),
                cancellationToken
            );
            if (read == 0)
            {
                throw new TransferFailure($"The file {_path} became shorter while it was sent.", mayPass: false);
            }
            hash.AppendData(buffer.AsSpan(0, read));
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await _pace.MovedAsync(read);
            left -= read;
        }
        Sent = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
