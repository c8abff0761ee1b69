using System.Security.Cryptography;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.WebDav;

/// <summary>
/// A folder of a WebDAV server, such as Nextcloud. A file is written under a temporary name, compared, and renamed
/// then. So a file under its own name is whole.
/// </summary>
internal sealed class WebDavDestination : IDestination, IDisposable
{
    /// <summary>The beginning of the names of files that are not whole yet.</summary>
    public const string Unfinished = ".recorder-part-";

    private readonly string _destination;
    private readonly DestinationOptions _options;
    private readonly string _state;
    private readonly WebDavServer _server;
    private readonly HashSet<string> _made = [];

    /// <param name="request">What the node asked for.</param>
    public WebDavDestination(TransferRequest request)
    {
        (_destination, _options, _state) = (request.Destination, request.Options, request.State);
        _server = new WebDavServer(_destination, _options);
    }

    /// <summary>Whether long files go to a server in Nextcloud's way.</summary>
    /// <param name="options">The destination.</param>
    public static bool InChunks(DestinationOptions options) =>
        options.Nextcloud || options.Endpoint.Contains("/remote.php/dav/files/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    /// <inheritdoc/>
    public async Task SendAsync(FileToSend file, Pace pace)
    {
        try
        {
            await BringAsync(file with { Sha256 = file.Sha256 ?? await SourceFile.HashAsync(file.Path, pace) }, pace);

            // The file may be there by an attempt whose last answer was lost.
            await AbandonAsync(_state, pace.Token);
        }
        catch (Exception error) when (error is HttpRequestException or HttpIOException)
        {
            throw HttpRoad.Failure(_destination, error);
        }
    }

    /// <inheritdoc/>
    public async Task AbandonAsync(string state, CancellationToken cancellation)
    {
        if (!File.Exists(state))
        {
            return;
        }
        try
        {
            await new ChunkedUpload(_server, _destination, _options, state).AbandonAsync(cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or TransferFailure)
        {
            // The server sweeps unfinished uploads by itself after a day.
        }
    }

    private async Task BringAsync(FileToSend file, Pace pace)
    {
        var target = AddressOf(file.Name);
        var part = AddressOf(UnfinishedOf(file.Name));
        if (await _server.FindAsync(target, pace) is { } found)
        {
            await RefuseAnotherAsync(file, target, found, pace);
            return;
        }
        await MakeFoldersAsync(file.Name, pace);

        // An earlier attempt may have ended between the copy and the new name.
        var rest = await _server.FindAsync(part, pace);
        if (rest is null || !await HoldsAsync(file, part, rest, null, pace))
        {
            if (rest is not null)
            {
                await _server.DeleteAsync(part, pace.Token);
            }
            await CopyAsync(file, part, pace);
        }
        if (!await _server.MoveAsync(part, target, pace))
        {
            var other = await _server.FindAsync(target, pace);
            await RefuseAnotherAsync(file, target, other ?? new StoredFile("", null, false, []), pace);
        }

        // The rename may have been carried out on something else than was compared.
        var now = await _server.FindAsync(target, pace);
        var length = new FileInfo(file.Path).Length;
        if (now is null || (now.Length ?? length) != length)
        {
            throw new TransferFailure(
                $"Destination {_destination}: {file.Name} is not there whole after its rename. The attempt is made again.",
                mayPass: true
            );
        }
    }

    private async Task CopyAsync(FileToSend file, Uri part, Pace pace)
    {
        var length = new FileInfo(file.Path).Length;
        string? told = null;
        if (InChunks(_options) && length > _options.PartSize.Bytes)
        {
            await new ChunkedUpload(_server, _destination, _options, _state).SendAsync(file, part, pace);
        }
        else
        {
            using var content = new FileContent(file, length, pace);
            told = await _server.PutAsync(part, content, pace);
            try
            {
                SourceFile.Compare(file, content.Sent ?? "nothing");
            }
            catch (TransferFailure)
            {
                await _server.DeleteAsync(part, pace.Token);
                throw;
            }
        }
        if (
            await _server.FindAsync(part, pace) is not { } written
            || !await HoldsAsync(file, part, written, told, pace)
        )
        {
            await _server.DeleteAsync(part, pace.Token);
            throw new TransferFailure(
                $"Destination {_destination}: the server has other bytes of {file.Name} than were sent. The attempt is made again.",
                mayPass: true
            );
        }
    }

    private async Task RefuseAnotherAsync(FileToSend file, Uri target, StoredFile found, Pace pace)
    {
        if (found.IsFolder || !await HoldsAsync(file, target, found, null, pace))
        {
            throw new TransferFailure(
                $"Destination {_destination}: another file has the name {file.Name} on the server. Move that file away.",
                mayPass: false
            );
        }
    }

    /// <summary>Whether the server's file is ours. No sum is ever sent to the server, since Nextcloud tells such a sum
    /// again without having compared it.</summary>
    private async Task<bool> HoldsAsync(FileToSend file, Uri at, StoredFile found, string? told, Pace pace)
    {
        var length = new FileInfo(file.Path).Length;
        if (found.IsFolder || (found.Length ?? length) != length)
        {
            return false;
        }
        if (_options.Verify == Verification.Length && found.Length is not null)
        {
            return true;
        }
        if (told is not null)
        {
            return told == file.Sha256;
        }
        foreach (
            var (name, algorithm) in new[]
            {
                ("SHA256:", HashAlgorithmName.SHA256),
                ("SHA1:", HashAlgorithmName.SHA1),
                ("MD5:", HashAlgorithmName.MD5),
            }
        )
        {
            if (found.Sums.Find(sum => sum.StartsWith(name, StringComparison.OrdinalIgnoreCase)) is { } sum)
            {
                await using var own = SourceFile.Open(file.Path);
                return sum[name.Length..].Equals(
                    await SourceFile.HashAsync(own, algorithm, pace),
                    StringComparison.OrdinalIgnoreCase
                );
            }
        }
        return await _server.HashAsync(at, pace) == file.Sha256;
    }

    private async Task MakeFoldersAsync(string name, Pace pace)
    {
        var folders = PathOf(name).Split('/')[..^1];
        for (var depth = 1; depth <= folders.Length; depth++)
        {
            var folder = string.Join('/', folders[..depth]);
            if (_made.Add(folder))
            {
                await _server.MakeFolderAsync(new Uri(Root + Escaped(folder) + "/"), pace);
            }
        }
    }

    private string Root => _options.Endpoint.TrimEnd('/') + "/";

    private Uri AddressOf(string name) => new(Root + Escaped(PathOf(name)));

    private string PathOf(string name) =>
        _options.Path.Trim('/') is { Length: > 0 } prefix ? $"{prefix}/{name}" : name;

    private static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string UnfinishedOf(string name)
    {
        var last = name.LastIndexOf('/') + 1;
        return name[..last] + Unfinished + name[last..];
    }
}
