using Akka.Cluster.Sharding;

namespace Recorder.Cluster.Sessions;

/// <summary>A session's shard is its slot, its entity its id.</summary>
internal sealed class SessionExtractor : IMessageExtractor
{
    public string? EntityId(object message) => (message as ISessionMessage)?.Id.ToString();

    public object? EntityMessage(object message) => message;

    public string? ShardId(object message) => (message as ISessionMessage)?.Slot.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public string ShardId(string entityId, object? messageHint = null) =>
        ShardId(messageHint ?? throw new ArgumentNullException(nameof(messageHint), "A slot is known from the message only."))!;
}
