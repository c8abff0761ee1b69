using System.Security.Cryptography;
using System.Text;
using Recorder.Cluster.Identity;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>A records folder that has an id without a file, and is away when the test says so.</summary>
internal sealed class TestRecordsFolder(string path, FolderId? id = null) : IRecordsFolder
{
    private readonly FolderStanding _here = FolderStanding.Here(id ?? FolderId.New());
    private volatile string? _whyAway;

    public string Path { get; } = path;

    /// <summary>The id of the folder on a disk, the same each time.</summary>
    public static FolderId IdOf(string disk) =>
        new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(disk)).AsSpan(0, 16)));

    /// <summary>Why the folder is away; null while it is here.</summary>
    public string? WhyAway
    {
        get => _whyAway;
        set => _whyAway = value;
    }

    public FolderStanding Standing => WhyAway is { } why ? FolderStanding.Away(why) : _here;

    public FolderStanding Look() => Standing;
}
