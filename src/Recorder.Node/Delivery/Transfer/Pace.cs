namespace Recorder.Node.Delivery.Transfer;

/// <summary>
/// The speed of one transfer: holds what is sent and what is compared back to a number
/// of bytes a second each, and ends the transfer when no byte
/// has moved for a while. Several parts of a transfer may move at once.
/// </summary>
internal sealed class Pace : IDisposable
{
    /// <summary>How far a transfer may run ahead of its limit. A longer lead would come in bursts.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(100);

    private readonly Meter _sent;
    private readonly Meter _compared;
    private readonly TimeSpan _stall;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stalled;
    private readonly CancellationTokenSource _either;
    private readonly Action? _alive;

    /// <param name="bytesPerSecond">The most bytes a second; 0: no limit.</param>
    /// <param name="stall">How long the transfer may stand still.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ended">Ends the transfer from outside.</param>
    /// <param name="alive">Called at each sign of life, from any thread; null: nobody listens.</param>
    public Pace(long bytesPerSecond, TimeSpan stall, TimeProvider time, CancellationToken ended, Action? alive = null)
    {
        (_stall, _time, _alive) = (stall, time, alive);
        (_sent, _compared) = (new Meter(bytesPerSecond, time), new Meter(bytesPerSecond, time));
        _stalled = new CancellationTokenSource(stall, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(ended, _stalled.Token);
    }

    /// <summary>Cancelled when the transfer has to end.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether the transfer has stood still for too long.</summary>
    public bool Stalled => _stalled.IsCancellationRequested;

    /// <summary>How many bytes have moved.</summary>
    public long Moved => _sent.Bytes;

    /// <summary>Tells that the other side has given a sign of life.</summary>
    public void SignOfLife()
    {
        _stalled.CancelAfter(_stall);
        _alive?.Invoke();
    }

    /// <summary>Tells that bytes have moved, and waits while the transfer is ahead of its limit.</summary>
    /// <param name="bytes">How many.</param>
    public ValueTask MovedAsync(int bytes) => HoldAsync(_sent, bytes);

    /// <summary>Tells that bytes were read in order to be compared, here or back from the destination, and waits while
    /// the reading is ahead of the limit. What is read takes nothing from what may be sent.</summary>
    /// <param name="bytes">How many.</param>
    public ValueTask ComparedAsync(int bytes) => HoldAsync(_compared, bytes);

    private async ValueTask HoldAsync(Meter meter, int bytes)
    {
        SignOfLife();
        var ahead = meter.Count(bytes);

        // A long wait is no standstill.
        while (ahead > Lead)
        {
            var step = ahead < _stall / 2 ? ahead : _stall / 2;
            await Task.Delay(step, _time, Token);
            SignOfLife();
            ahead -= step;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _stalled.Dispose();
    }

    /// <summary>Counts bytes against a limit.</summary>
    private sealed class Meter(long bytesPerSecond, TimeProvider time)
    {
        private readonly Lock _lock = new();
        private long _begun = time.GetTimestamp();

        public long Bytes { get; private set; }

        /// <summary>How far the bytes are ahead of the limit.</summary>
        public TimeSpan Count(int bytes)
        {
            lock (_lock)
            {
                Bytes += bytes;
                if (bytesPerSecond == 0)
                {
                    return TimeSpan.Zero;
                }
                var ahead = TimeSpan.FromSeconds((double)Bytes / bytesPerSecond) - time.GetElapsedTime(_begun);
                if (ahead < -Lead)
                {
                    // Time that a slow destination took is not made up for.
                    _begun += (long)((-ahead - Lead).TotalSeconds * time.TimestampFrequency);
                }
                return ahead;
            }
        }
    }
}
