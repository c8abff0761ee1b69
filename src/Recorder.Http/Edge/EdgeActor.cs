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
        var everyone = new Farm(registry, archive);
        var limits = options.Value;
        Receive<AskedBy>(asked =>
        {
            var farm = everyone with { Only = asked.Only };
            switch (asked.Request)
            {
                case BeginSession request:
                    Converse(() => new StartConversation(request, Sender, farm, limits));
                    break;
                case EndSession request:
                    Converse(() => new StopConversation(request, Sender, farm, limits));
                    break;
                case ISessionRequest request:
                    Converse(() => new SessionConversation(request, Sender, farm, limits));
                    break;
                case ChangeKeeping request:
                    Converse(() => new KeepingConversation(request, Sender, farm, limits));
                    break;
                case RetryRecordDelivery request:
                    Converse(() => new RetryConversation(request, Sender, farm, limits));
                    break;
                case FindRecordFile request:
                    Converse(() => new RecordHolderQuery(request, Sender, farm));
                    break;
                case GetRecordPart request:
                    Converse(() => new RecordPartQuery(request.Node, request.Name, request.Ask, Sender, farm));
                    break;
                case OpenRecordWay request:
                    Converse(() =>
                        new RecordPartQuery(
                            request.Node,
                            request.Name,
                            new OpenRecordStream(request.Ask, request.Length),
                            Sender,
                            farm
                        )
                    );
                    break;
                case GetHlsPart request:
                    Converse(() => new HlsQuery(request, Sender, farm));
                    break;
                case FindPlacement request:
                    Converse(() => new PlacementQuery(request, Sender, farm, request.Limit));
                    break;
                case FindFarmPressure request:
                    Converse(() => new PlacementQuery(request, Sender, farm, request.Limit));
                    break;
                default:
                    Converse(() => new PlacementQuery(asked.Request, Sender, farm, limits.PlacementTimeout));
                    break;
            }
        });
    }

    // A conversation that throws cannot go on: restarting it would ask the farm twice. Its caller's time limit gives
    // the answer.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private static void Converse<T>(Expression<Func<T>> conversation)
        where T : Conversation => Context.ActorOf(Props.Create(conversation));
}
