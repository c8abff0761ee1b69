namespace Recorder.Worker.Protocol;

/// <summary>
/// A server and stream to publish to. The address holds the stream's key, so the worker tells nobody of it:
/// <see cref="ToString"/> is <see cref="Shown"/>.
/// </summary>
/// <param name="Id">The id of its output, such as <c>target-1</c>.</param>
/// <param name="Address">The absolute address, verbatim.</param>
/// <param name="Shown">What people may see of the address, such as <c>rtmp://host/app/…</c>; the node knows what has to
/// be left out.</param>
public sealed record WorkerTarget(string Id, string Address, string Shown)
{
    /// <inheritdoc/>
    public override string ToString() => Shown;
}
