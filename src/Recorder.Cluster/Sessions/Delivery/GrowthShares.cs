using System.Numerics;

namespace Recorder.Cluster.Sessions.Delivery;

/// <summary>How growing records share the node's limit of bytes a second. Pure.</summary>
internal static class GrowthShares
{
    /// <summary>The number of shares that are kept for growing records: the next power of two, so that a further
    /// growing record seldom changes the shares of the others.</summary>
    /// <param name="growing">How many growing records are being sent.</param>
    public static int For(int growing) => growing <= 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)growing);
}
