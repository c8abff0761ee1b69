using Recorder.Worker.Files.Joining;
using Recorder.Worker.Network;
using Recorder.Worker.Picture;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Worker.Tests;

/// <summary>The worker lies below everything else: a process of its own that knows nothing of a farm.</summary>
public sealed class DependencyTests
{
    [Fact]
    public void The_worker_needs_nothing_but_the_base_class_library()
    {
        var referenced = typeof(WorkerProtocol)
            .Assembly.GetReferencedAssemblies()
            .Select(assembly => assembly.Name!)
            .ToList();

        Assert.Contains("System.Runtime", referenced);
        Assert.DoesNotContain(
            referenced,
            name => !name.StartsWith("System.", StringComparison.Ordinal) && name != "Microsoft.Win32.Primitives"
        );
    }

    [Fact]
    public void Others_see_the_protocol_the_programs_the_joining_the_kinds_of_targets_the_policy_of_addresses_and_nothing_else()
    {
        var seen = typeof(WorkerProtocol)
            .Assembly.GetExportedTypes()
            .Where(type => type.Namespace != typeof(WorkerProtocol).Namespace);

        Assert.Equal(
            [
                typeof(JoinedFile),
                typeof(JoinedPiece),
                typeof(JoinedRecord),
                typeof(MovieJoin),
                typeof(NotJoinableException),
                typeof(ReadFile),
                typeof(NetworkPolicy),
                typeof(NetworkRules),
                typeof(OwnAddresses),
                typeof(Poster),
                typeof(StreamKind),
                typeof(StreamKinds),
                typeof(WorkerProcess),
            ],
            seen.OrderBy(type => type.FullName, StringComparer.Ordinal)
        );
    }
}
