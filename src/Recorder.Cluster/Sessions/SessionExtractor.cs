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

/// <summary>What a session is told, on its way to another slot.</summary>
internal static class SessionAddress
{
    /// <summary>The same message to the session in another slot.</summary>
    /// <param name="message">What it is told.</param>
    /// <param name="slot">Its next slot.</param>
    /// <exception cref="ArgumentOutOfRangeException">The message is of a type that is not listed here.</exception>
    public static ISessionMessage In(this ISessionMessage message, int slot) => message switch
    {
        StartSession told => told with { Slot = slot },
        StopSession told => told with { Slot = slot },
        ResumeSession told => told with { Slot = slot },
        RecordsReachable told => told with { Slot = slot },
        GetSession told => told with { Slot = slot },
        ChangeTargets told => told with { Slot = slot },
        PauseSession told => told with { Slot = slot },
        ContinueSession told => told with { Slot = slot },
        GetThumbnail told => told with { Slot = slot },
        HandOver told => told with { Slot = slot },
        ListRecord told => told with { Slot = slot },
        _ => throw new ArgumentOutOfRangeException(nameof(message), message.GetType(), "A session is not told this."),
    };
}
