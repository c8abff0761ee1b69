using Akka.Cluster.Sharding;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>A session's shard is the number that the placement gave to the session. Its entity is the session's
/// id.</summary>
internal sealed class SessionExtractor : IMessageExtractor
{
    public string? EntityId(object message) => (message as SessionMessage)?.Id.ToString();

    public object? EntityMessage(object message) => message;

    /// <summary>The shard; null for a message without an address, which sharding drops and logs.</summary>
    public string? ShardId(object message) =>
        message is SessionMessage { Shard: >= 0 and var shard }
            ? shard.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : null;

    public string ShardId(string entityId, object? messageHint = null) =>
        ShardId(
            messageHint
                ?? throw new ArgumentNullException(nameof(messageHint), "A shard is known from the message only.")
        )!;
}
