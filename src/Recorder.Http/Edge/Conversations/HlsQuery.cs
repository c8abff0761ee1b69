using Akka.Actor;

using Recorder.Cluster.Hosting;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>One part of an HLS file, asked of the node that holds the record.</summary>
internal sealed class HlsQuery : ReceiveActor, IWithTimers
{
    /// <summary>How long a node may take to read a part.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly FindHlsPart _request;
    private readonly IActorRef _asker;
    private readonly Farm _farm;

    public HlsQuery(FindHlsPart request, IActorRef asker, Farm farm)
    {
        _request = request;
        _asker = asker;
        _farm = farm;
        Receive<FarmMembers>(OnMembers);
        Receive<LimitReached>(_ => OnLimit());
    }

    /// <summary>Where a file is read.</summary>
    internal enum Way
    {
        /// <summary>By the node that holds it, or this one if that is the same.</summary>
        ByHolder,

        /// <summary>By this node, which may have been the holder under another address.</summary>
        ByThisNode,

        /// <summary>By nobody: the holder is not in the farm.</summary>
        Gone,

        /// <summary>By nobody: the holder is in the farm and does not answer.</summary>
        Silent,
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(FindHlsPart request, IActorRef asker, Farm farm) => Akka.Actor.Props.Create(() => new HlsQuery(request, asker, farm));

    /// <summary>Where the files of a node's records are read.</summary>
    /// <param name="holder">The node's address when it wrote them.</param>
    /// <param name="farm">The farm as this node sees it.</param>
    public static Way WayTo(string holder, FarmMembers farm)
    {
        if (holder == farm.Self) return Way.ByHolder;
        if (farm.Unreachable.Contains(holder)) return Way.Silent;
        if (farm.Members.Exists(member => member.Node == holder)) return Way.ByHolder;
        return farm.Members.Exists(member => member.Node == farm.Self && member.Roles.Contains(NodeRoles.Recorder)) ? Way.ByThisNode : Way.Gone;
    }

    protected override void PreStart()
    {
        Timers.StartSingleTimer(nameof(LimitReached), LimitReached.Instance, Limit);
        _farm.Tell(new GetMembers(), Self);
    }

    private void OnMembers(FarmMembers farm)
    {
        var way = WayTo(_request.Node, farm);
        switch (way)
        {
            case Way.Gone:
                Refuse(FaultCode.NodeLost, "is not in the farm");
                return;
            case Way.Silent:
                Refuse(FaultCode.NodeLost, "does not answer the farm");
                return;
        }

        Become(() => Asking(way));
        Context.ActorSelection(HlsFiles.ServiceOn(way == Way.ByThisNode || _request.Node == farm.Self ? "" : _request.Node)).Tell(_request.Ask, Self);
    }

    private void Asking(Way way)
    {
        Receive<HlsChunk>(chunk => Finish(new HlsPartFound(chunk.Size, chunk.Bytes)));
        Receive<HlsFileMissing>(missing =>
        {
            if (way == Way.ByThisNode && !missing.HasPlaylist) Refuse(FaultCode.NodeLost, "is not in the farm");
            else Finish(new HlsPartMissing(missing.HasPlaylist));
        });
        Receive<HlsFileUnreadable>(unreadable => Refuse(FaultCode.Unavailable, $"could not read it: {unreadable.Message}"));
        Receive<LimitReached>(_ => OnLimit());
    }

    private void OnLimit() => Refuse(FaultCode.Unavailable, $"did not answer within {Limit.TotalSeconds:0} s");

    private void Refuse(string code, string why) =>
        Finish(new EdgeRefusal(
            code, $"The HLS file {_request.Ask.File} of session {_request.Ask.Id} is on node {_request.Node}, which {why.TrimEnd('.')}; try again in a few seconds.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        });

    private void Finish(EdgeReply reply)
    {
        _asker.Tell(reply);
        Context.Stop(Self);
    }
}
