using Akka.Actor;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>One question to the placement and its answer. A session that the placement does not know is looked up in
/// the archive.</summary>
internal sealed class PlacementQuery(IEdgeRequest request, IActorRef asker, Farm farm, TimeSpan limit)
    : Conversation(asker, farm)
{
    protected override void Begin()
    {
        if (request is FindSummary find)
        {
            Locate(find.Id, limit, location => Finish(new SessionFound(location.Summary)));
            return;
        }
        Await(
            limit,
            () => PlacementIsSilent(limit),
            () =>
            {
                Receive<SessionList>(list => Finish(new SessionsFound(list.Sessions, list.More)));
                Receive<PlacementHere>(_ => Finish(new PlacementFound()));
                Receive<Pressure>(pressure => Finish(new PressureFound(pressure)));
            }
        );
        Farm.Tell(Question(), Self);
    }

    private IPlacementMessage Question() =>
        request switch
        {
            ListSummaries list => new ListSessions { After = list.After > 0 ? new SessionId(list.After) : null },
            FindFarmPressure => new FindPressure(),
            FindPlacement => new PingPlacement(),
            _ => throw new InvalidOperationException($"{request.GetType().Name} is no question for the placement."),
        };
}
