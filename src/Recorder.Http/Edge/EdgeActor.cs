using System.Linq.Expressions;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Options;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Edge.Conversations;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge;

/// <summary>
/// Stands between the endpoints and the farm. The actor takes the requests of <see cref="IEdgeRequest"/> and makes a
/// child for each: one conversation with its own time limit. A slow session therefore keeps no other caller waiting.
/// </summary>
internal sealed class EdgeActor : ReceiveActor
{
    public EdgeActor(IReadOnlyActorRegistry registry, IOptions<HttpOptions> options, ISessionArchive archive)
    {
        var farm = new Farm(registry, archive);
        var limits = options.Value;
        Receive<BeginSession>(request => Converse(() => new StartConversation(request, Sender, farm, limits)));
        Receive<EndSession>(request => Converse(() => new StopConversation(request, Sender, farm, limits)));
        Receive<ISessionRequest>(request => Converse(() => new SessionConversation(request, Sender, farm, limits)));
        Receive<ChangeKeeping>(request => Converse(() => new KeepingConversation(request, Sender, farm, limits)));
        Receive<RetryRecordDelivery>(request =>
            Converse(() => new RetryConversation(request, Sender, farm, limits))
        );
        Receive<FindSummary>(request =>
            Converse(() => new PlacementQuery(request, Sender, farm, limits.PlacementTimeout))
        );
        Receive<ListSummaries>(request =>
            Converse(() => new PlacementQuery(request, Sender, farm, limits.PlacementTimeout))
        );
        Receive<FindRecordFile>(request => Converse(() => new RecordHolderQuery(request, Sender, farm)));
        Receive<GetRecordPart>(request =>
            Converse(() => new RecordPartQuery(request.Node, request.Name, request.Ask, Sender, farm))
        );
        Receive<OpenRecordWay>(request =>
            Converse(() =>
                new RecordPartQuery(
                    request.Node,
                    request.Name,
                    new OpenRecordStream(request.Ask, request.Length),
                    Sender,
                    farm
                )
            )
        );
        Receive<GetHlsPart>(request => Converse(() => new HlsQuery(request, Sender, farm)));
        Receive<FindPlacement>(request => Converse(() => new PlacementQuery(request, Sender, farm, request.Limit)));
        Receive<FindFarmPressure>(request => Converse(() => new PlacementQuery(request, Sender, farm, request.Limit)));
    }

    // A conversation that throws cannot go on: restarting it would ask the farm twice. Its caller's time limit gives
    // the answer.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private static void Converse<T>(Expression<Func<T>> conversation)
        where T : Conversation => Context.ActorOf(Props.Create(conversation));
}
