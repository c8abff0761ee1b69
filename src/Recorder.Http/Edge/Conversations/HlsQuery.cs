using Akka.Actor;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>A question for one part of an HLS file to the node that holds the record.</summary>
internal sealed class HlsQuery(GetHlsPart request, IActorRef asker, Farm farm) : Conversation(asker, farm)
{
    /// <summary>How long a node may take to read a part.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>The node that reads a file.</summary>
    internal enum Way
    {
        /// <summary>The node that holds the file, which may be this node.</summary>
        ByHolder,

        /// <summary>This node, which may have held the file under another address.</summary>
        ByThisNode,

        /// <summary>No node: the holder is not in the farm.</summary>
        Gone,

        /// <summary>No node: the holder is in the farm and does not answer.</summary>
        Silent,
    }

    /// <summary>Decides which node reads the files of a node's records.</summary>
    /// <param name="holder">The node's address when the files were written.</param>
    /// <param name="farm">The farm as this node sees it.</param>
    public static Way WayTo(string holder, FarmMembers farm)
    {
        if (holder == farm.Self)
        {
            return Way.ByHolder;
        }
        if (farm.Unreachable.Contains(holder))
        {
            return Way.Silent;
        }
        if (farm.Members.Exists(member => member.Node == holder))
        {
            return Way.ByHolder;
        }
        return farm.Members.Exists(member => member.Node == farm.Self && member.Roles.Contains(NodeRoles.Recorder))
            ? Way.ByThisNode
            : Way.Gone;
    }

    protected override void Begin()
    {
        Await(Limit, Silence, () => Receive<FarmMembers>(OnMembers));
        Farm.Tell(new ListMembers(), Self);
    }

    private void OnMembers(FarmMembers farm)
    {
        var way = WayTo(request.Node, farm);
        switch (way)
        {
            case Way.Gone:
                Refuse(FaultCode.NodeLost, "is not in the farm");
                return;
            case Way.Silent:
                Refuse(FaultCode.NodeLost, "does not answer the farm");
                return;
        }

        Await(
            Limit,
            Silence,
            () =>
            {
                Receive<HlsChunk>(chunk => Finish(new HlsPartFound(chunk.Size, chunk.Bytes)));
                Receive<HlsFileMissing>(missing =>
                {
                    if (way == Way.ByThisNode && !missing.HasPlaylist)
                    {
                        Refuse(FaultCode.NodeLost, "is not in the farm");
                    }
                    else
                    {
                        Finish(new HlsPartMissing(missing.HasPlaylist));
                    }
                });
                Receive<HlsFileUnreadable>(unreadable =>
                    Refuse(FaultCode.Unavailable, $"could not read it: {unreadable.Message}")
                );
            }
        );
        Context
            .ActorSelection(HlsFiles.ServiceOn(way == Way.ByThisNode || request.Node == farm.Self ? "" : request.Node))
            .Tell(request.Ask, Self);
    }

    private void Silence() => Refuse(FaultCode.Unavailable, $"did not answer within {Limit.TotalSeconds:0} s");

    private void Refuse(string code, string why) =>
        Finish(
            new EdgeRefusal(
                code,
                $"The HLS file {request.Ask.File} of session {request.Ask.Id} is on node {request.Node}, which {why.TrimEnd('.')}; try again in a few seconds."
            )
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            }
        );
}
