using System.Security.Cryptography;
using System.Text;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Membership;

/// <summary>
/// The version that a node tells the others: <c>version-stamp</c>, as Akka's application version. Nodes with
/// different stamps do not understand each other, even with the same version.
/// </summary>
internal static class FarmVersion
{
    /// <summary>The version of this build and of the options that must be the same on every node.</summary>
    /// <param name="shardCount">The number of shards of the farm.</param>
    public static string Of(int shardCount)
    {
        var stamp = SHA256.HashData(
            Encoding.UTF8.GetBytes(FormattableString.Invariant($"{WireFingerprint.OfThisBuild()} {shardCount}"))
        );
        return $"{FarmNames.Version}-{Convert.ToHexStringLower(stamp)[..8]}";
    }

    /// <summary>The version without the stamp, for people.</summary>
    public static string Plain(string version) => version.Split('-')[0];
}
