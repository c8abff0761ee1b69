using Recorder.Cluster.Events;

namespace Recorder.Http.Feed;

/// <summary>
/// The end of the feed, for all readers of this edge. Readers at the same place share one look at the database, so that
/// many readers cost little more than one. Nothing but the newest part is held.
/// </summary>
internal sealed class EventTail(IEventFeed feed)
{
    /// <summary>The most events of one part.</summary>
    public const int PartLength = 200;

    private readonly Lock _lock = new();
    private Bell _bell = new(0);
    private (long After, long Bell, Task<FeedPart> Part)? _newest;

    /// <summary>What rings when the feed may have grown. Take it before a look, and wait for it after.</summary>
    public Bell Present
    {
        get
        {
            lock (_lock)
            {
                return _bell;
            }
        }
    }

    /// <summary>The feed may have grown.</summary>
    public void Ring()
    {
        Bell rung;
        lock (_lock)
        {
            rung = _bell;
            _bell = new Bell(rung.Number + 1);
        }
        rung.Ring();
    }

    /// <summary>The part of the feed after a place.</summary>
    /// <param name="after">The place.</param>
    /// <param name="bell">The bell that was taken before.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="System.Data.Common.DbException">The database cannot be read.</exception>
    public Task<FeedPart> AfterAsync(long after, Bell bell, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_newest is not { } newest || newest.After != after || newest.Bell < bell.Number)
            {
                newest = (
                    after,
                    bell.Number,
                    feed.AfterAsync(after, EventFilter.Everything, PartLength, CancellationToken.None)
                );
                _newest = newest;
            }
            return newest.Part.WaitAsync(cancellation);
        }
    }

    /// <summary>Rings once.</summary>
    internal sealed class Bell(long number)
    {
        private readonly TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Number { get; } = number;

        /// <summary>Waits until the bell has rung, at most for a time.</summary>
        /// <returns>Whether it has rung.</returns>
        public async Task<bool> RungAsync(TimeSpan limit, CancellationToken cancellation)
        {
            try
            {
                // Unlike a delay beside the task, this leaves no timer behind once the bell has rung.
                await _rung.Task.WaitAsync(limit, cancellation);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        public void Ring() => _rung.TrySetResult();
    }
}
