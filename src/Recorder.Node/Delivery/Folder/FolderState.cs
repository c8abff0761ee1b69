namespace Recorder.Node.Delivery.Folder;

/// <summary>What a transfer into a folder leaves there while the transfer is unfinished: a small file in the node's
/// data folder.</summary>
/// <param name="Part">The absolute path of the unfinished copy.</param>
internal sealed record FolderState(string Part);
