using Akka.Cluster.Sharding;

using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>A session's shard is the number that the placement gave it, its entity its id.</summary>
internal sealed class SessionExtractor : IMessageExtractor
{
    public string? EntityId(object message) => (message as ISessionMessage)?.Id.ToString();

    public object? EntityMessage(object message) => message;

    public string? ShardId(object message) => (message as ISessionMessage)?.Shard.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public string ShardId(string entityId, object? messageHint = null) =>
        ShardId(messageHint ?? throw new ArgumentNullException(nameof(messageHint), "A shard is known from the message only."))!;
}

/// <summary>What a session is told, on its way to another shard.</summary>
internal static class SessionAddress
{
    /// <summary>The same message to the session in another shard.</summary>
    /// <param name="message">What it is told.</param>
    /// <param name="shard">Its next shard.</param>
    /// <exception cref="ArgumentOutOfRangeException">The message is of a type that is not listed here.</exception>
    public static ISessionMessage In(this ISessionMessage message, int shard) => message switch
    {
        StartSession told => told with { Shard = shard },
        StopSession told => told with { Shard = shard },
        ResumeSession told => told with { Shard = shard },
        RecordsReachable told => told with { Shard = shard },
        GetSession told => told with { Shard = shard },
        ChangeTargets told => told with { Shard = shard },
        PauseSession told => told with { Shard = shard },
        UnpauseSession told => told with { Shard = shard },
        GetThumbnail told => told with { Shard = shard },
        HandOverSession told => told with { Shard = shard },
        ListRecord told => told with { Shard = shard },
        _ => throw new ArgumentOutOfRangeException(nameof(message), message.GetType(), "A session is not told this."),
    };
}
