namespace Recorder.Cluster.Hosting;

/// <summary>Key of the session shard region in the actor registry; takes <see cref="Sessions.ISessionMessage"/>.</summary>
public sealed class SessionRegion;

/// <summary>Key of the placement singleton (its proxy) in the actor registry; takes <see cref="Placement.IPlacementMessage"/>.</summary>
public sealed class PlacementSingleton;
