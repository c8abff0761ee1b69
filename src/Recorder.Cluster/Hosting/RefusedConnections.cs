using Akka.Event;

namespace Recorder.Cluster.Hosting;

/// <summary>Logs connections between nodes that were refused for their key: at once, and then at most once a minute.
/// Nodes try again every few seconds.</summary>
/// <param name="alone">Whether this node is a farm of one that no other node may join.</param>
/// <param name="clock">The node's clock.</param>
internal sealed class RefusedConnections(bool alone, TimeProvider clock)
{
    private readonly Lock _guard = new();
    private DateTimeOffset? _told;

    /// <summary>The shortest time between two log lines.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Where refusals are logged; null before the actor system runs.</summary>
    public ILoggingAdapter? Log { get; set; }

    /// <summary>Takes a refused connection. May be called by any thread.</summary>
    /// <param name="peer">The other end, as far as it is known.</param>
    public void Add(string peer) => Add(peer, null);

    /// <summary>Takes a connection whose certificate was refused. May be called by any thread.</summary>
    /// <param name="peer">The other end, as far as it is known.</param>
    /// <param name="why">The reason; null: the key is another one.</param>
    public void Add(string peer, string? why)
    {
        if (Log is { } log && Sentence(peer, why) is { } sentence)
        {
            log.Warning("{0}", sentence);
        }
    }

    /// <summary>The sentence to log now; null within a minute of the last sentence.</summary>
    /// <param name="peer">The other end, as far as it is known.</param>
    /// <param name="why">Why its certificate was refused; null: its key is another one.</param>
    internal string? Sentence(string peer, string? why = null)
    {
        lock (_guard)
        {
            var now = clock.GetUtcNow();
            if (now - _told < Pause)
            {
                return null;
            }
            _told = now;
        }

        var who = peer.Length > 0 ? $"a process ({peer})" : "a process";
        return why is not null ? $"A connection with {who} was refused: {why}."
            : alone ? $"A connection with {who} was refused: this node is a farm of one and takes no other node."
            : $"A connection with {who} was refused: that process has another secret. Give all nodes of the farm the same Remoting:SecretFile.";
    }
}
