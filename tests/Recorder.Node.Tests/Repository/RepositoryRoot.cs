using System.Runtime.CompilerServices;

namespace Recorder.Node.Tests.Repository;

/// <summary>The folder of the repository that the tests were built from.</summary>
internal static class RepositoryRoot
{
    /// <summary>The repository's absolute path.</summary>
    public static string Path { get; } = Find();

    /// <summary>The absolute path of a file or folder in the repository.</summary>
    public static string Of(string relative) => System.IO.Path.Combine(Path, relative);

    private static string Find([CallerFilePath] string thisFile = "") =>
        System.IO.Path.GetFullPath(
            System.IO.Path.Combine(System.IO.Path.GetDirectoryName(thisFile)!, "..", "..", "..")
        );
}
