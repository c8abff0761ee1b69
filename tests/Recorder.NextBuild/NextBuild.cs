namespace Recorder.Cluster.Serialization;

/// <summary>Makes the recorder speak as a release after this one. Compiled into the recorder only with
/// <c>-p:NextBuild=FOLDER</c>, for the test that replaces the nodes of a farm by nodes of the next release.</summary>
internal sealed partial class WireSetup
{
    static partial void Replace(ref WireSetup setup) => setup = NextBuild.NextWire.Create();
}
