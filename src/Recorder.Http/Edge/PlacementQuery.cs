using Akka.Actor;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;

namespace Recorder.Http.Edge;

/// <summary>One question to the placement and its answer.</summary>
internal sealed class PlacementQuery : ReceiveActor, IWithTimers
{
    private readonly IPlacementMessage _question;
    private readonly Farm _farm;
    private readonly TimeSpan _limit;

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
        Receive<SessionList>(list => Finish(new SessionsFound(list.Sessions)));
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
