namespace Recorder.Worker.Protocol;

/// <summary>
/// A server and stream to publish to. The address holds the stream's key, so the worker never prints the address:
/// <see cref="ToString"/> gives <see cref="Shown"/>.
/// </summary>
/// <param name="Id">The id of the target's output, such as <c>target-1</c>.</param>
/// <param name="Address">The absolute address, verbatim.</param>
/// <param name="Shown">The part of the address that people may see, such as <c>rtmp://host/app/…</c>. The node knows
/// what has to be left out.</param>
public sealed record WorkerTarget(string Id, string Address, string Shown)
{
    /// <inheritdoc/>
    public override string ToString() => Shown;
}
