using System.Collections.Immutable;

using Akka.Actor;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge.Conversations;

/// <summary>One question to the placement and its answer; the list of sessions comes in parts, each asked for in turn.</summary>
internal sealed class PlacementQuery : ReceiveActor, IWithTimers
{
    private readonly IPlacementMessage _question;
    private readonly Farm _farm;
    private readonly TimeSpan _limit;
    private ImmutableList<SessionSummary> _sessions = [];

    public PlacementQuery(IEdgeRequest request, IActorRef asker, Farm farm, TimeSpan limit)
    {
        _farm = farm;
        _limit = limit;
        _question = request switch
        {
            FindSession find => new LocateSession(find.Id),
            FindSessions => new ListSessions(),
            FindPressure => new GetPressure(),
            _ => throw new ArgumentOutOfRangeException(nameof(request), request, "This is no question for the placement."),
        };
        Receive<SessionList>(list =>
        {
            _sessions = _sessions.AddRange(list.Sessions);
            if (list.More) farm.Tell(new ListSessions { After = list.Sessions[^1].Id }, Self);
            else Finish(new SessionsFound(_sessions));
        });
        Receive<Pressure>(pressure => Finish(new PressureFound(pressure)));
        Receive<SessionLocation>(location => Finish(new SessionFound(location.Summary)));
        Receive<SessionUnknown>(unknown => Finish(EdgeRefusal.NoSuchSession(unknown.Id)));
        Receive<LimitReached>(_ => Finish(NoAnswer(limit)));

        void Finish(EdgeReply reply)
        {
            asker.Tell(reply);
            Context.Stop(Self);
        }
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IEdgeRequest request, IActorRef asker, Farm farm, TimeSpan limit) =>
        Akka.Actor.Props.Create(() => new PlacementQuery(request, asker, farm, limit));

    /// <summary>What is answered when the placement is silent.</summary>
    public static EdgeRefusal NoAnswer(TimeSpan limit) => new(
        FaultCode.Unavailable,
        $"The farm's placement did not answer within {limit.TotalSeconds:0.#} s; the farm is starting or has lost a node, "
        + "so try again in a few seconds.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    protected override void PreStart()
    {
        Timers.StartSingleTimer(nameof(LimitReached), LimitReached.Instance, _limit);
        _farm.Tell(_question, Self);
    }
}
