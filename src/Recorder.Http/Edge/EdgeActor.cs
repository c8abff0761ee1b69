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

            // A conversation is made later, when this actor has another sender.
            var asker = Sender;
            switch (asked.Request)
            {
                case BeginSession request:
                    Converse(() => new StartConversation(request, asker, farm, limits));
                    break;
                case EndSession request:
                    Converse(() => new StopConversation(request, asker, farm, limits));
                    break;
                case ISessionRequest request:
                    Converse(() => new SessionConversation(request, asker, farm, limits));
                    break;
                case ChangeKeeping request:
                    Converse(() => new KeepingConversation(request, asker, farm, limits));
                    break;
                case RetryRecordDelivery request:
                    Converse(() => new RetryConversation(request, asker, farm, limits));
                    break;
                case FindRecordFile request:
                    Converse(() => new RecordHolderQuery(request, asker, farm));
                    break;
                case GetRecordPart request:
                    Converse(() => new RecordPartQuery(request.Node, request.Name, request.Ask, asker, farm));
                    break;
                case OpenRecordWay request:
                    Converse(() =>
                        new RecordPartQuery(
                            request.Node,
                            request.Name,
                            new OpenRecordStream(request.Ask, request.Length),
                            asker,
                            farm
                        )
                    );
                    break;
                case GetHlsPart request:
                    Converse(() => new HlsQuery(request, asker, farm));
                    break;
                case FindPlacement request:
                    Converse(() => new PlacementQuery(request, asker, farm, request.Limit));
                    break;
                case FindFarmPressure request:
                    Converse(() => new PlacementQuery(request, asker, farm, request.Limit));
                    break;
                default:
                    Converse(() => new PlacementQuery(asked.Request, asker, farm, limits.PlacementTimeout));
                    break;
            }
        });
    }

    // A conversation that throws cannot go on: restarting it would ask the farm twice. Its caller's time limit gives
    // the answer.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private static void Converse<T>(Func<T> conversation)
        where T : Conversation => Context.ActorOf(Props.CreateBy(new Beginning<T>(conversation)));

    /// <summary>Makes a conversation. Akka's own way takes an expression, and compiles the expression anew for each
    /// call, which costs more than the whole rest of a call.</summary>
    private sealed class Beginning<T>(Func<T> conversation) : IIndirectActorProducer
        where T : Conversation
    {
        public Type ActorType => typeof(T);

        public ActorBase Produce() => conversation();

        public void Release(ActorBase actor) { }
    }
}
