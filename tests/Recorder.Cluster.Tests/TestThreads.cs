using System.Runtime.CompilerServices;

namespace Recorder.Cluster.Tests;

internal static class TestThreads
{
    // Some tests wait on pool threads, of which a machine with two cores begins with two: with none left, timers and
    // answers come late.
#pragma warning disable CA2255 // A test assembly has no entry point of its own.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Provide() => ThreadPool.SetMinThreads(16, 16);
}
