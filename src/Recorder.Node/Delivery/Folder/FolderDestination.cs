using System.Security.Cryptography;
using Recorder.Cluster.Identity;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.Folder;

/// <summary>
/// A folder that the host has mounted. A file is written under a temporary name, flushed to the disk, read back and
/// compared, and renamed then. So a file under its own name is whole.
/// </summary>
/// <param name="destination">The destination's name, for messages.</param>
/// <param name="folder">The absolute path of the folder.</param>
/// <param name="statePath">The file of the <see cref="FolderState"/>.</param>
internal sealed class FolderDestination(string destination, string folder, string statePath) : IDestination
{
    /// <summary>The beginning of the names of files that are not whole yet.</summary>
    public const string Unfinished = ".recorder-part-";

    /// <inheritdoc/>
    public async Task SendAsync(FileToSend file, Pace pace)
    {
        try
        {
            await CopyAsync(file, pace);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new TransferFailure(
                $"Destination {destination}: the node's user may not write into {folder}: {error.Message}",
                mayPass: true,
                error
            );
        }
        catch (PathTooLongException error)
        {
            throw new TransferFailure(
                $"Destination {destination}: the name {file.Name} is too long for {folder}. Choose a shorter template.",
                mayPass: false,
                error
            );
        }
        catch (IOException error)
        {
            throw new TransferFailure(
                $"Destination {destination}: {file.Name} could not be written into {folder}: {error.Message}",
                mayPass: true,
                error
            );
        }
    }

    /// <inheritdoc/>
    public Task AbandonAsync(string state, CancellationToken cancellation)
    {
        // The folder may be another one by now, and what somebody made of the name is not ours.
        if (
            StateFile.Read<FolderState>(state) is { Part: { } part }
            && Path.GetFullPath(part) == part
            && part.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal)
            && Path.GetFileName(part).StartsWith(Unfinished, StringComparison.Ordinal)
        )
        {
            RefuseLinks(Path.GetDirectoryName(part)!);
            File.Delete(part);
        }
        File.Delete(state);
        return Task.CompletedTask;
    }

    private async Task CopyAsync(FileToSend file, Pace pace)
    {
        if (!Directory.Exists(folder))
        {
            throw new TransferFailure(
                $"Destination {destination}: the folder {folder} is not there. Mount it, or set Destinations:{destination}:Path to another one.",
                mayPass: true
            );
        }
        var target = Path.Join(folder, file.Name);
        var parent = Path.GetDirectoryName(target)!;
        RefuseLinks(parent);
        Directory.CreateDirectory(parent);
        if (Path.Exists(target))
        {
            await CompareAsync(file, target, pace);
            return;
        }

        var part = Path.Join(parent, Unfinished + Path.GetFileName(target));
        RefuseLink(part);
        StateFile.Write(statePath, new FolderState(part));
        var hash = await WriteAsync(file.Path, part, pace);
        SourceFile.Compare(file, hash);
        if (await SourceFile.HashAsync(part, pace) != hash)
        {
            throw new TransferFailure(
                $"Destination {destination}: {file.Name} reads back otherwise than it was written; the disk of {folder} may be failing.",
                mayPass: true
            );
        }
        File.Move(part, target, overwrite: false);
        FolderFile.Flush(parent);
        File.Delete(statePath);
    }

    private async Task CompareAsync(FileToSend file, string target, Pace pace)
    {
        RefuseLink(target);
        var own = file.Sha256 ?? await SourceFile.HashAsync(file.Path, pace);
        if (await SourceFile.HashAsync(target, pace) != own)
        {
            throw new TransferFailure(
                $"Destination {destination}: another file has the name {file.Name} in {folder}. Move that file away.",
                mayPass: false
            );
        }
    }

    private static async Task<string> WriteAsync(string source, string part, Pace pace)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var from = SourceFile.Open(source);
        await using var to = new FileStream(
            part,
            new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
            }
        );
        var buffer = new byte[SourceFile.Chunk];
        int read;
        while ((read = await from.ReadAsync(buffer, pace.Token)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await to.WriteAsync(buffer.AsMemory(0, read), pace.Token);
            await pace.MovedAsync(read);
        }
        to.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Somebody who may write into the folder could lead a file out of it by a link.</summary>
    private void RefuseLinks(string parent)
    {
        for (var at = parent; at.Length > folder.TrimEnd('/').Length; at = Path.GetDirectoryName(at)!)
        {
            RefuseLink(at);
        }
    }

    private void RefuseLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new TransferFailure(
                $"Destination {destination}: {path} is a link to {target}. Nothing is written through links; put a folder or nothing there.",
                mayPass: false
            );
        }
    }
}
