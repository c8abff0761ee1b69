using Akka.Actor;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>A question for one part of a record to the node that holds the record.</summary>
internal sealed class RecordPartQuery(GetRecordPart request, IActorRef asker, Farm farm) : Conversation(asker, farm)
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
                Receive<RecordFileMissing>(_ => Refuse("and the file was removed while it was read"));
                Receive<RecordFileChanged>(_ => Refuse("and the file was changed while it was read"));
                Receive<RecordFileElsewhere>(elsewhere => Refuse($"which cannot reach it: {elsewhere.Message}"));
                Receive<RecordFileUnreadable>(unreadable =>
                    Refuse($"which could not read it: {unreadable.Message}")
                );
            }
        );
        Context.ActorSelection(RecordFiles.ServiceOn(request.Node)).Tell(request.Ask, Self);
    }

    private void Refuse(string why) =>
        Finish(
            Refusal(
                FaultCode.Unavailable,
                request.Name,
                request.Node.Length > 0 ? request.Node : "that was asked",
                why
            )
        );
}
