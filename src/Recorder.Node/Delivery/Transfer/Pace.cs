namespace Recorder.Node.Delivery.Transfer;

/// <summary>
/// The speed of one transfer: holds the transfer back to a number of bytes a second, and ends the transfer when no byte
/// has moved for a while. Several parts of a transfer may move at once.
/// </summary>
internal sealed class Pace : IDisposable
{
    /// <summary>How far a transfer may run ahead of its limit. A longer lead would come in bursts.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly long _bytesPerSecond;
    private readonly TimeSpan _stall;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stalled;
    private readonly CancellationTokenSource _either;
    private readonly Action? _alive;
    private long _begun;
    private long _moved;

    /// <param name="bytesPerSecond">The most bytes a second; 0: no limit.</param>
    /// <param name="stall">How long the transfer may stand still.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ended">Ends the transfer from outside.</param>
    /// <param name="alive">Called at each sign of life, from any thread; null: nobody listens.</param>
    public Pace(long bytesPerSecond, TimeSpan stall, TimeProvider time, CancellationToken ended, Action? alive = null)
    {
        (_bytesPerSecond, _stall, _time, _alive) = (bytesPerSecond, stall, time, alive);
        _stalled = new CancellationTokenSource(stall, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(ended, _stalled.Token);
        _begun = time.GetTimestamp();
    }

    /// <summary>Cancelled when the transfer has to end.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether the transfer has stood still for too long.</summary>
    public bool Stalled => _stalled.IsCancellationRequested;

    /// <summary>How many bytes have moved.</summary>
    public long Moved => _moved;

    /// <summary>Tells that the other side has given a sign of life.</summary>
    public void SignOfLife()
    {
        _stalled.CancelAfter(_stall);
        _alive?.Invoke();
    }

    /// <summary>Tells that bytes have moved, and waits while the transfer is ahead of its limit.</summary>
    /// <param name="bytes">How many.</param>
    public async ValueTask MovedAsync(int bytes)
    {
        SignOfLife();
        TimeSpan ahead;
        lock (_lock)
        {
            _moved += bytes;
            if (_bytesPerSecond == 0)
            {
                return;
            }
            ahead = TimeSpan.FromSeconds((double)_moved / _bytesPerSecond) - _time.GetElapsedTime(_begun);
            if (ahead < -Lead)
            {
                // Time that a slow destination took is not made up for.
                _begun += (long)((-ahead - Lead).TotalSeconds * _time.TimestampFrequency);
            }
        }

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
}
