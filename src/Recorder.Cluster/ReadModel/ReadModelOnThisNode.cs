using Akka.Actor;
using Recorder.Cluster.Placement;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// Takes the placement's questions to the read model of the same node, wherever the projection has been begun again in
/// between. A question is lost while this node does not fill the read model; the placement asks again.
/// </summary>
internal sealed class ReadModelOnThisNode : ReceiveActor
{
    /// <summary>The name of the singleton's manager.</summary>
    public const string ManagerName = "read-model-singleton";

    /// <summary>The name of the singleton.</summary>
    public const string SingletonName = "read-model";

    public ReadModelOnThisNode() =>
        Receive<FindProjected>(find =>
            Context.ActorSelection($"/user/{ManagerName}/{SingletonName}").Tell(find, Sender)
        );
}
