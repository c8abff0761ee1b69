using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Membership;

/// <summary>Do you see this node? A witness asks other members' witnesses before it gives a node up. Answered by
/// <see cref="WitnessWord"/>.</summary>
/// <param name="Node">The node's address.</param>
[Wire("witness/get-word:1")]
internal sealed record GetWitnessWord(string Node) : IWireMessage;

/// <summary>The answer to <see cref="GetWitnessWord"/>.</summary>
/// <param name="Node">The node's address.</param>
/// <param name="Sight">What the answering witness knows of the node.</param>
[Wire("witness/word:1")]
internal sealed record WitnessWord(string Node, NodeSight Sight) : IWireMessage;

/// <summary>What a witness knows of another node.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NodeSight>))]
internal enum NodeSight
{
    /// <summary>Neither of the two can be told.</summary>
    Unknown,

    /// <summary>The node's connection stands and its heartbeats arrive, or its port takes connections.</summary>
    Lives,

    /// <summary>The node's port refuses, and nothing is heard of the node.</summary>
    Gone,
}
