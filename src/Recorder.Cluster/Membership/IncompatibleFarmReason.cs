using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>Why a node ended itself after joining a farm that it does not understand.</summary>
/// <param name="message">What differs and what to do, in sentences.</param>
public sealed class IncompatibleFarmReason(string message) : CoordinatedShutdown.Reason
{
    /// <inheritdoc/>
    public override int ExitCode => 2;

    /// <summary>What differs and what to do, in sentences.</summary>
    public string Message { get; } = message;
}
