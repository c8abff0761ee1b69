using Akka.Actor;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// Finds the node that holds a record. The node that wrote the record is asked first. A record belongs to its folder,
/// and a folder may have moved to another node. So when that node has not the folder, or is not in the farm, the other
/// nodes are asked.
/// </summary>
internal sealed class RecordHolderQuery(FindRecordFile request, IActorRef asker, Farm farm)
    : Conversation(asker, farm)
{
    /// <summary>How long each step may take: the members of the farm, the first node, the other nodes.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>How long the making of a picture may take.</summary>
    public static readonly TimeSpan PosterLimit = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _limit = request.Ask.Kind == RecordFileKind.Poster ? PosterLimit : Limit;
    private string _self = "";
    private List<string> _others = [];
    private string _why = "";
    private string _code = FaultCode.NodeLost;

    protected override void Begin()
    {
        Await(Limit, Silence, () => Receive<FarmMembers>(OnMembers));
        Farm.Tell(new ListMembers(), Self);
    }

    private void OnMembers(FarmMembers members)
    {
        _self = members.Self;
        var present = members
            .Members.FindAll(member =>
                member.Roles.Contains(NodeRoles.Recorder) && !members.Unreachable.Contains(member.Node)
            )
            .ConvertAll(member => member.Node);
        var holds = present.Contains(request.Node);

        // Without a folder, only the node itself can tell the record from another one; this node may be that node under
        // another address.
        _others =
        [
            .. present.Where(node => node != request.Node && (request.Ask.Folder is not null || node == _self)),
        ];
        _why = members.Unreachable.Contains(request.Node) ? "which does not answer the farm" : "which is not in the farm";
        if (holds)
        {
            AskFirst();
        }
        else
        {
            AskOthers();
        }
    }

    private void AskFirst()
    {
        Await(
            _limit,
            Silence,
            () =>
            {
                Receive<RecordFilePart>(Found);
                Receive<RecordFileMissing>(_ => Finish(new RecordFileAbsent()));
                Receive<RecordFileElsewhere>(elsewhere =>
                {
                    _code = FaultCode.Unavailable;
                    _why = $"which cannot reach it: {elsewhere.Message}";
                    AskOthers();
                });
                Receive<RecordFileUnreadable>(unreadable =>
                    Refuse(FaultCode.Unavailable, $"which could not read it: {unreadable.Message}")
                );
            }
        );
        Tell(request.Node);
    }

    private void AskOthers()
    {
        if (_others.Count == 0)
        {
            Refuse(_code, _why);
            return;
        }
        var waiting = _others.Count;
        Await(
            _limit,
            () => Refuse(_code, _why),
            () =>
            {
                Receive<RecordFilePart>(Found);
                Receive<RecordFileMissing>(_ =>
                {
                    if (request.Ask.Folder is not null)
                    {
                        Finish(new RecordFileAbsent());
                    }
                    else
                    {
                        OneLess();
                    }
                });
                Receive<RecordFileElsewhere>(_ => OneLess());
                Receive<RecordFileUnreadable>(unreadable =>
                    Refuse(FaultCode.Unavailable, $"or rather on another one, which could not read it: {unreadable.Message}")
                );
            }
        );
        _others.ForEach(Tell);

        void OneLess()
        {
            waiting--;
            if (waiting == 0)
            {
                Refuse(_code, _why);
            }
        }
    }

    private void Tell(string node) =>
        Context.ActorSelection(RecordFiles.ServiceOn(node == _self ? "" : node)).Tell(request.Ask, Self);

    private void Found(RecordFilePart part)
    {
        var address = Sender.Path.Address;
        Finish(
            new RecordFileFound(
                address.HasGlobalScope && $"{address}" != _self ? $"{address}" : "",
                part.Size,
                part.ModifiedAt,
                part.Mark
            )
        );
    }

    private void Silence() =>
        Refuse(FaultCode.Unavailable, $"which did not answer within {_limit.TotalSeconds:0} s");

    private void Refuse(string code, string why) =>
        Finish(RecordPartQuery.Refusal(code, request.Name, request.Node, why));
}
