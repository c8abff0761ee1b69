namespace Recorder.Node.Processes;

/// <summary>Who owns a file or folder, and what others may do with it.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="User">The number of the owning user.</param>
/// <param name="Group">The number of the owning group.</param>
/// <param name="Mode">The permissions.</param>
internal sealed record FileOwnership(string Path, uint User, uint Group, UnixFileMode Mode);
