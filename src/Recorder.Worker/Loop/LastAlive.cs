using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>The latest <see cref="WorkerCommand.Alive"/> of the node.</summary>
/// <param name="At">When the command came, as a timestamp of the worker's clock.</param>
/// <param name="Limit">How long the command holds.</param>
internal readonly record struct LastAlive(long At, TimeSpan Limit)
{
    /// <summary>For a command that has come just now.</summary>
    public static LastAlive Now(WorkerCommand.Alive alive, TimeProvider time) =>
        new(time.GetTimestamp(), TimeSpan.FromSeconds(alive.Limit));

    /// <summary>Whether the node has been silent for too long.</summary>
    public bool IsOver(TimeProvider time) => time.GetElapsedTime(At) > Limit;
}
