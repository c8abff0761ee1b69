using System.Diagnostics;
using System.Text.RegularExpressions;
using Recorder.Node.Delivery.Transfer;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Sftp;

namespace Recorder.Node.Delivery.Sftp;

/// <summary>
/// A folder of an SSH server. A file is written under a temporary name, compared, and renamed then. So a file under its
/// own name is whole. A copy that is not whole is gone on with where its end is the same as in the file.
/// </summary>
internal sealed partial class SftpDestination : IDestination, IDisposable
{
    /// <summary>The beginning of the names of files that are not whole yet.</summary>
    public const string Unfinished = ".recorder-part-";

    /// <summary>How much of the end of an unfinished copy is compared before the copy goes on, in bytes. The whole is
    /// compared at the end.</summary>
    private const int Tail = 256 * 1024;

    /// <summary>The slowest hash that a server's command is waited for, in bytes a second. The copy of a slower server
    /// is read back.</summary>
    private const long SlowestHash = 10 << 20;

    private readonly string _destination;
    private readonly DestinationOptions _options;
    private readonly SftpConnection _connection;
    private SftpClient? _client;

    /// <param name="request">What the node asked for.</param>
    public SftpDestination(TransferRequest request)
    {
        (_destination, _options) = (request.Destination, request.Options);
        _connection = new SftpConnection(_destination, _options);
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    /// <inheritdoc/>
    public async Task SendAsync(FileToSend file, Pace pace)
    {
        try
        {
            _client ??= await _connection.OpenAsync(info => new SftpClient(info), pace);
            await BringAsync(
                _client,
                file with
                {
                    Sha256 = file.Sha256 ?? await SourceFile.HashAsync(file.Path, pace),
                },
                pace
            );
        }
        catch (Exception error) when (error is SshException or IOException)
        {
            throw _connection.Failure(error);
        }
    }

    private async Task BringAsync(SftpClient client, FileToSend file, Pace pace)
    {
        var target = PathOf(file.Name);
        var folder = target[..(target.LastIndexOf('/') + 1)];
        var part = folder + Unfinished + target[folder.Length..];
        if (await FindAsync(client, target, pace) is { } found)
        {
            await RefuseAnotherAsync(client, file, target, found, pace);
            return;
        }
        await MakeFoldersAsync(client, file.Name, pace);
        await WriteAsync(client, file, part, pace);
        bool whole;
        try
        {
            whole =
                await FindAsync(client, part, pace) is { } written
                && await HoldsAsync(client, file, part, written, pace);
        }
        catch (TransferFailure failure) when (!failure.MayPass)
        {
            await client.DeleteFileAsync(part, pace.Token);
            throw;
        }
        if (!whole)
        {
            await client.DeleteFileAsync(part, pace.Token);
            throw new TransferFailure(
                $"Destination {_destination}: the server has other bytes of {file.Name} than were sent. The attempt is made again.",
                mayPass: true
            );
        }
        try
        {
            await client.RenameFileAsync(part, target, pace.Token);
        }
        catch (SshException) when (!pace.Token.IsCancellationRequested)
        {
            // A server renames nothing over another file.
            if (await FindAsync(client, target, pace) is not { } other)
            {
                throw;
            }
            await RefuseAnotherAsync(client, file, target, other, pace);
        }
    }

    /// <summary>Writes the copy, or what is missing of the copy.</summary>
    private static async Task WriteAsync(SftpClient client, FileToSend file, string part, Pace pace)
    {
        var length = new FileInfo(file.Path).Length;
        var from = 0L;
        if (await FindAsync(client, part, pace) is { } rest)
        {
            if (rest.Size <= length && await HasSameEndAsync(client, file, part, rest.Size, pace))
            {
                from = rest.Size;
            }
            else
            {
                await client.DeleteFileAsync(part, pace.Token);
            }
        }
        if (from == length && length > 0)
        {
            return;
        }
        await using var source = new PacedStream(file.Path, from, length - from, pace);
        if (from == 0)
        {
            await client.UploadFileAsync(source, part, pace.Token);
            return;
        }
        await using var copy = await client.OpenAsync(part, FileMode.Open, FileAccess.Write, pace.Token);
        copy.Seek(from, SeekOrigin.Begin);
        await source.CopyToAsync(copy, SourceFile.Chunk, pace.Token);
    }

    private static async Task<bool> HasSameEndAsync(
        SftpClient client,
        FileToSend file,
        string part,
        long length,
        Pace pace
    )
    {
        var there = new byte[Math.Min(length, Tail)];
        var here = new byte[there.Length];
        await using (var copy = await client.OpenAsync(part, FileMode.Open, FileAccess.Read, pace.Token))
        {
            copy.Seek(length - there.Length, SeekOrigin.Begin);
            await copy.ReadExactlyAsync(there, pace.Token);
        }
        pace.SignOfLife();
        await using var source = SourceFile.Open(file.Path);
        source.Seek(length - here.Length, SeekOrigin.Begin);
        await source.ReadExactlyAsync(here, pace.Token);
        return there.AsSpan().SequenceEqual(here);
    }

    private async Task RefuseAnotherAsync(
        SftpClient client,
        FileToSend file,
        string target,
        SftpFileAttributes found,
        Pace pace
    )
    {
        if (!await HoldsAsync(client, file, target, found, pace))
        {
            throw new TransferFailure(
                $"Destination {_destination}: another file has the name {file.Name} on the server. Move that file away.",
                mayPass: false
            );
        }
    }

    /// <summary>Whether the server's file is ours. A file of the node that has changed since is found here
    /// too.</summary>
    private async Task<bool> HoldsAsync(
        SftpClient client,
        FileToSend file,
        string path,
        SftpFileAttributes found,
        Pace pace
    )
    {
        if (!found.IsRegularFile || found.Size != new FileInfo(file.Path).Length)
        {
            return false;
        }
        if (_options.Verify == Verification.Length)
        {
            return true;
        }
        var told = _options.HashCommand.Length > 0 ? await AskHashAsync(path, found.Size, pace) : null;
        if (told is null)
        {
            await using var sink = new HashingSink(pace);
            await client.DownloadFileAsync(path, sink, pace.Token);
            told = sink.Sha256;
        }
        if (told == file.Sha256)
        {
            return true;
        }
        SourceFile.Compare(file, await SourceFile.HashAsync(file.Path, pace));
        return false;
    }

    /// <summary>The SHA-256 that the server's own command prints; null where the server runs no commands, or
    /// where the command takes too long.</summary>
    private async Task<string?> AskHashAsync(string path, long length, Pace pace)
    {
        try
        {
            using var shell = await _connection.OpenAsync(info => new SshClient(info), pace);
            using var command = shell.CreateCommand(
                $"{_options.HashCommand} '{path.Replace("'", @"'\''", StringComparison.Ordinal)}'"
            );
            var limit = _options.Timeout + TimeSpan.FromSeconds(length / SlowestHash);
            command.CommandTimeout = limit;
            var running = command.ExecuteAsync(pace.Token);

            // A hash of a long file takes longer than a transfer may stand still. Signs of life without end would hide
            // a server that answers nothing any more.
            var begun = Stopwatch.GetTimestamp();
            while (!running.IsCompleted && Stopwatch.GetElapsedTime(begun) < limit)
            {
                await Task.WhenAny(running, Task.Delay(_options.Timeout / 4));
                pace.SignOfLife();
            }
            if (!running.IsCompleted)
            {
                return null;
            }
            await running;
            return HashForm().Match(command.Result) is { Success: true } found ? found.Value : null;
        }
        catch (SshException)
        {
            return null;
        }
    }

    private async Task MakeFoldersAsync(SftpClient client, string name, Pace pace)
    {
        var folders = name.Split('/')[..^1];
        for (var depth = 1; depth <= folders.Length; depth++)
        {
            var folder = PathOf(string.Join('/', folders[..depth]));
            if (await FindAsync(client, folder, pace) is null)
            {
                await client.CreateDirectoryAsync(folder, pace.Token);
            }
        }
    }

    private static async Task<SftpFileAttributes?> FindAsync(SftpClient client, string path, Pace pace)
    {
        try
        {
            var found = await client.GetAttributesAsync(path, pace.Token);
            pace.SignOfLife();
            return found;
        }
        catch (SftpPathNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string name) =>
        _options.Path.Length == 0 ? name : $"{(_options.Path == "/" ? "" : _options.Path.TrimEnd('/'))}/{name}";

    [GeneratedRegex(@"[0-9a-f]{64}", RegexOptions.CultureInvariant)]
    private static partial Regex HashForm();
}
