using System.Threading.Channels;

namespace Recorder.Node.Delivery.S3;

/// <summary>The parts of one upload that are read, summed and sent: their memory, how many are sent at once, and what
/// is known of those that the store has.</summary>
internal sealed class PartsUnderWay : IDisposable
{
    private readonly Channel<byte[]> _free = Channel.CreateUnbounded<byte[]>();
    private readonly SemaphoreSlim _room;
    private readonly Lock _lock = new();

    /// <param name="parallel">How many parts are sent at once. One more is in memory.</param>
    public PartsUnderWay(int parallel)
    {
        _room = new SemaphoreSlim(parallel);
        for (var part = 0; part <= parallel; part++)
        {
            _free.Writer.TryWrite([]);
        }
    }

    /// <summary>What the store has, by the numbers of the parts. To be read when nothing is under way.</summary>
    public SortedDictionary<int, ConfirmedPart> Confirmed { get; } = [];

    /// <summary>The SHA-256 of the parts where the store gets such sums, by the numbers of the parts.</summary>
    public SortedDictionary<int, byte[]> Sums { get; } = [];

    /// <summary>Waits for memory of a part.</summary>
    /// <param name="length">The length of the part, in bytes; the memory is at least as long.</param>
    /// <param name="failed">Cancelled when the upload has failed.</param>
    /// <returns>Null when the upload has failed.</returns>
    public async Task<byte[]?> RoomAsync(int length, CancellationToken failed)
    {
        try
        {
            var free = await _free.Reader.ReadAsync(failed);
            return free.Length >= length ? free : GC.AllocateUninitializedArray<byte>(length);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Gives memory back.</summary>
    /// <param name="part">The memory.</param>
    public void Return(byte[] part) => _free.Writer.TryWrite(part);

    /// <summary>Waits until fewer parts are sent than may be.</summary>
    /// <param name="failed">Cancelled when the upload has failed.</param>
    public Task BeginSendingAsync(CancellationToken failed) => _room.WaitAsync(failed);

    /// <summary>Ends what <see cref="BeginSendingAsync"/> began.</summary>
    public void EndSending() => _room.Release();

    /// <summary>Notes a part that the store has.</summary>
    public void Note(int number, ConfirmedPart part)
    {
        lock (_lock)
        {
            Confirmed[number] = part;
        }
    }

    /// <summary>Notes the SHA-256 of a part.</summary>
    public void Note(int number, byte[] sum)
    {
        lock (_lock)
        {
            Sums[number] = sum;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();
}
