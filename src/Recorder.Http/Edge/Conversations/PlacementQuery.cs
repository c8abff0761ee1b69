using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>One question to the placement and its answer. The list of sessions comes in parts, and each part is asked
/// for in turn.</summary>
internal sealed class PlacementQuery(IEdgeRequest request, IActorRef asker, Farm farm, TimeSpan limit)
    : Conversation(asker, farm)
{
    private ImmutableList<SessionSummary> _sessions = [];

    protected override void Begin()
    {
        Await(
            limit,
            () => PlacementIsSilent(limit),
            () =>
            {
                Receive<SessionList>(OnSessions);
                Receive<PlacementHere>(_ => Finish(new PlacementFound()));
                Receive<Pressure>(pressure => Finish(new PressureFound(pressure)));
                Receive<SessionLocation>(location => Finish(new SessionFound(location.Summary)));
                Receive<SessionUnknown>(unknown => Finish(EdgeRefusal.NoSuchSession(unknown.Id)));
            }
        );
        Farm.Tell(Question(), Self);
    }

    private IPlacementMessage Question() =>
        request switch
        {
            FindSummary find => new FindSession(find.Id),
            ListSummaries => new ListSessions(),
            FindFarmPressure => new FindPressure(),
            FindPlacement => new PingPlacement(),
            _ => throw new InvalidOperationException($"{request.GetType().Name} is no question for the placement."),
        };

    private void OnSessions(SessionList list)
    {
        _sessions = _sessions.AddRange(list.Sessions);
        if (list.More)
        {
            Farm.Tell(new ListSessions { After = list.Sessions[^1].Id }, Self);
        }
        else
        {
            Finish(new SessionsFound(_sessions));
        }
    }
}
