namespace Recorder.Node.Processes;

/// <summary>Who owns a file or folder, and what others may do with it.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="User">The number of the user it belongs to.</param>
/// <param name="Group">The number of the group it belongs to.</param>
/// <param name="Mode">Its permissions.</param>
internal sealed record FileOwnership(string Path, uint User, uint Group, UnixFileMode Mode);
