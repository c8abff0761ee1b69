namespace Recorder.Cluster.Farm;

/// <summary>Key of the session shard region in the actor registry. The region takes messages to sessions.</summary>
public sealed class SessionRegion;

/// <summary>Key of the placement singleton (its proxy) in the actor registry. The singleton takes messages to the
/// placement.</summary>
public sealed class PlacementSingleton;

/// <summary>Key of the sender of webhooks (its proxy) in the actor registry.</summary>
public sealed class WebhookSender;

/// <summary>Key of the actor that carries the schedules out (its proxy) in the actor registry.</summary>
public sealed class ScheduleKeeper;

/// <summary>Key of the node's membership actor in the actor registry.</summary>
public sealed class FarmMembership;
