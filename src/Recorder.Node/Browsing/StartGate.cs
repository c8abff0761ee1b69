namespace Recorder.Node.Browsing;

/// <summary>
/// Lets a few browsers of a node start at once, while the others wait their turn, first come, first served. Many
/// browsers starting together, for example after the death of another node, would all be too slow for their limits.
/// Waiting blocks no thread. Safe to use from several threads.
/// </summary>
/// <param name="places">How many browsers start at once, greater than 0.</param>
internal sealed class StartGate(int places)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<IDisposable>> _queue = [];
    private int _free = places;

    /// <summary>The gate of a node.</summary>
    /// <param name="configured">How many browsers start at once. 0: as many as there are processors, at least
    /// 2.</param>
    public static StartGate Of(int configured) =>
        new(configured > 0 ? configured : Math.Max(2, Environment.ProcessorCount));

    /// <summary>Waits for a turn. The turn ends when the result is disposed of.</summary>
    /// <param name="cancellation">Gives up the place in the queue.</param>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var waiting = new TaskCompletionSource<IDisposable>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return new Turn(this);
            }

            _queue.AddLast(waiting);
        }

        await using var given = cancellation.Register(() => GiveUp(waiting, cancellation));
        return await waiting.Task;
    }

    private void GiveUp(TaskCompletionSource<IDisposable> waiting, CancellationToken cancellation)
    {
        lock (_lock)
        {
            // A waiting browser that has its turn by now keeps the turn and ends it by itself.
            if (_queue.Remove(waiting))
            {
                waiting.SetCanceled(cancellation);
            }
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (_queue.First is not { } next)
            {
                _free++;
                return;
            }

            _queue.RemoveFirst();
            next.Value.SetResult(new Turn(this));
        }
    }

    private sealed class Turn(StartGate gate) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                gate.Leave();
            }
        }
    }
}
