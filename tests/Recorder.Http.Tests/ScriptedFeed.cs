using System.Collections.Immutable;
using Recorder.Cluster.Events;

namespace Recorder.Http.Tests;

/// <summary>Events that a test put there.</summary>
internal sealed class ScriptedFeed : IEventFeed
{
    private readonly Lock _lock = new();
    private ImmutableList<FarmEvent> _events = [];
    private int _looks;

    /// <summary>Up to where events are deleted.</summary>
    public long DeletedTo { get; set; }

    /// <summary>What every reading throws, or null.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How often somebody looked for events.</summary>
    public int Looks => Volatile.Read(ref _looks);

    /// <summary>Adds an event at the end.</summary>
    /// <returns>Its place.</returns>
    public long Add(string type, int? session, string data = "{}", string labels = "{}", string? owner = null)
    {
        lock (_lock)
        {
            var position = _events.Count + 1;
            var seq = _events.Count(told => told.Session == session) + 1;
            _events = _events.Add(
                new FarmEvent(
                    position,
                    $"evt_{position}",
                    type,
                    session,
                    $$"""{"id":"evt_{{position}}","type":"{{type}}","timestamp":"2021-09-22T07:56:00+00:00","seq":{{seq}},"session":{{session?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}},"name":null,"node":"a","data":{{data}},"labels":{{labels}}}"""
                )
                {
                    Owner = owner,
                }
            );
            return position;
        }
    }

    public Task<FeedBounds> BoundsAsync(CancellationToken cancellation) =>
        Failure is null
            ? Task.FromResult(new FeedBounds(_events.Count, DeletedTo))
            : Task.FromException<FeedBounds>(Failure);

    public Task<FeedPart> AfterAsync(long after, EventFilter filter, int most, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _looks);
        if (Failure is not null)
        {
            return Task.FromException<FeedPart>(Failure);
        }
        lock (_lock)
        {
            ImmutableList<FarmEvent> part =
            [
                .. _events.Where(told => told.Position > after && told.Position > DeletedTo).Take(most),
            ];
            return Task.FromResult(
                new FeedPart(
                    part.FindAll(filter.Wants),
                    part.IsEmpty ? after : part[^1].Position,
                    part.Count == most
                )
            );
        }
    }

    public Task<ImmutableList<SessionEvent>> OfSessionAsync(
        int session,
        long afterSeq,
        int most,
        CancellationToken cancellation
    )
    {
        if (Failure is not null)
        {
            return Task.FromException<ImmutableList<SessionEvent>>(Failure);
        }
        lock (_lock)
        {
            return Task.FromResult<ImmutableList<SessionEvent>>([
                .. _events
                    .Where(told => told.Session == session)
                    .Select((told, index) => new SessionEvent(index + 1, told.Body))
                    .Where(told => told.Seq > afterSeq)
                    .Take(most),
            ]);
        }
    }
}
