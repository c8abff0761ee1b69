namespace Recorder.Node.Delivery.Transfer;

/// <summary>Tells the node that a transfer has moved, at most once a second: <see cref="TransferReport.SignOfLife"/>. A
/// process that hangs in the kernel cannot tell that itself.</summary>
/// <param name="output">Where the line goes; may be used from any thread.</param>
/// <param name="time">The clock.</param>
internal sealed class SignOfLifeLine(TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long? _last;

    /// <summary>Tells of a sign of life.</summary>
    public void Tell()
    {
        lock (_lock)
        {
            if (_last is { } last && time.GetElapsedTime(last) < Least)
            {
                return;
            }
            _last = time.GetTimestamp();
            output.WriteLine(TransferReport.SignOfLife);
        }
    }
}
