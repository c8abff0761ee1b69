using Akka.Actor;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>A question for one part of a record, or for a way to one part, to the node that holds the record.</summary>
/// <param name="node">The address of the node; empty for this node.</param>
/// <param name="name">The file, for a person.</param>
/// <param name="question">What the node is asked.</param>
/// <param name="asker">The actor that gets the reply.</param>
/// <param name="farm">The parts of the farm that are asked.</param>
internal sealed class RecordPartQuery(string node, string name, IWireMessage question, IActorRef asker, Farm farm)
    : Conversation(asker, farm)
{
    /// <summary>How long a node may take to read a part.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>The refusal of a record that cannot be read at present.</summary>
    public static EdgeRefusal Refusal(string code, string name, string node, string why) =>
        new(code, $"The {name} is on node {node}, {why.TrimEnd('.')}; try again in a few seconds.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    protected override void Begin()
    {
        Await(
            Limit,
            () => Refuse($"which did not answer within {Limit.TotalSeconds:0} s"),
            () =>
            {
                Receive<RecordFilePart>(part => Finish(new RecordPartFound(part.Bytes)));
                Receive<RecordStreamOpened>(way => Finish(new RecordWayFound(way)));
                Receive<RecordFileMissing>(_ => Refuse("and the file was removed while it was read"));
                Receive<RecordFileChanged>(_ => Refuse("and the file was changed while it was read"));
                Receive<RecordFileElsewhere>(elsewhere => Refuse($"which cannot reach it: {elsewhere.Message}"));
                Receive<RecordFileUnreadable>(unreadable =>
                    Refuse($"which could not read it: {unreadable.Message}")
                );
            }
        );
        Context.ActorSelection(RecordFiles.ServiceOn(node)).Tell(question, Self);
    }

    private void Refuse(string why) =>
        Finish(
            Refusal(
                FaultCode.Unavailable,
                name,
                node.Length > 0 ? node : "that was asked",
                why
            )
        );
}
