namespace Recorder.Cluster.Identity;

/// <summary>The file in the data folder that holds the node's id.</summary>
public static class NodeIdFile
{
    /// <summary>The file's name in the data folder.</summary>
    public const string Name = "node-id";

    /// <summary>Reads the node's id, or makes one at the first start.</summary>
    /// <param name="dataFolder">The data folder, which exists and belongs to this process alone.</param>
    /// <exception cref="IdentityUnusableException">The file cannot be used; the message says what to do.</exception>
    public static NodeId ReadOrMake(string dataFolder)
    {
        var path = Path.Join(dataFolder, Name);
        try
        {
            if (IdentityFile.Read(path) is { } text)
            {
                return Guid.TryParseExact(text.Trim(), "D", out var known)
                    ? new NodeId(known)
                    : throw new IdentityUnusableException(
                        $"The file {path} does not hold a node's id. Put the file of a backup in its place, or remove the file: the node then gets a new id, and counts as another node."
                    );
            }

            var made = NodeId.New();
            IdentityFile.Write(path, _ => $"{made}\n", replace: false);
            return made;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IdentityUnusableException(
                $"The node's id cannot be kept in {path}: {error.Message.TrimEnd('.')}. Make the file readable and the folder writable for this node's user."
            );
        }
    }
}
