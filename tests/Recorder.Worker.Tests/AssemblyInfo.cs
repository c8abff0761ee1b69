// Real encoders one after the other: side by side they would only slow each other down on two cores.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly, MaxParallelThreads = 2)]

namespace Recorder.Worker.Tests;

/// <summary>
/// Tests that mostly wait for media to arrive as fast as it plays (a sixth of a core, measured), and go on beside all
/// others.
/// </summary>
[CollectionDefinition(Name)]
public sealed class UnhurriedCollection
{
    public const string Name = "Unhurried";
}
