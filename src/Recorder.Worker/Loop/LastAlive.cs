using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>What the node said last by <see cref="WorkerCommand.Alive"/>.</summary>
/// <param name="At">When it said so, as a timestamp of the worker's clock.</param>
/// <param name="Limit">For how long that holds.</param>
internal readonly record struct LastAlive(long At, TimeSpan Limit)
{
    /// <summary>The node has said so just now.</summary>
    public static LastAlive Now(WorkerCommand.Alive alive, TimeProvider time) =>
        new(time.GetTimestamp(), TimeSpan.FromSeconds(alive.Limit));

    /// <summary>Whether the node has been silent for too long.</summary>
    public bool IsOver(TimeProvider time) => time.GetElapsedTime(At) > Limit;
}
