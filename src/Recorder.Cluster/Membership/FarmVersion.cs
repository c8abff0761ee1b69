using System.Globalization;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Membership;

/// <summary>The version that a node tells the others as Akka's application version: the version of the recorder, and
/// the protocols of the build, such as <c>0.1.0-speaks3-understands2</c>. Pure.</summary>
internal static class FarmVersion
{
    private const string Speaks = "speaks";
    private const string Understands = "understands";

    /// <summary>The version of a build.</summary>
    /// <param name="build">The protocols of the build.</param>
    public static string Of(WireProtocol build) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{FarmNames.Version}-{Speaks}{build.Speaks}-{Understands}{build.Understands}"
        );

    /// <summary>The protocols that a version names; null for a build before the protocols had numbers, which works
    /// only with nodes of the same build.</summary>
    /// <param name="version">What a node tells.</param>
    public static WireProtocol? ProtocolOf(string version) =>
        version.Split('-') is [_, var speaks, var understands, ..]
        && Read(speaks, Speaks) is { } newest
        && Read(understands, Understands) is { } oldest
        && oldest <= newest
            ? new WireProtocol(newest, oldest)
            : null;

    /// <summary>The version of the recorder alone, for people.</summary>
    /// <param name="version">What a node tells.</param>
    public static string Plain(string version) => version.Split('-')[0];

    private static int? Read(string part, string name) =>
        part.StartsWith(name, StringComparison.Ordinal)
        && int.TryParse(part.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number > 0
            ? number
            : null;
}
