using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One stop. First the placement tells where the session is, then the session reports that the record is final. A stop
/// of a session that has already ended is answered from the placement's knowledge, without waking the session.
/// </summary>
internal sealed class StopConversation(EndSession request, IActorRef asker, Farm farm, HttpOptions limits)
    : Conversation(asker, farm)
{
    protected override void Begin() =>
        Locate(
            request.Id,
            limits.PlacementTimeout,
            location =>
            {
                if (location.Summary.IsOver())
                {
                    Finish(new SessionStopped(request.Id));
                }
                else
                {
                    Stop(location);
                }
            }
        );

    private void Stop(SessionLocation location)
    {
        Await(
            limits.StopTimeout,
            Silence,
            () =>
            {
                Receive<StopDone>(_ =>
                {
                    Log.Info("Session {0} is stopped", request.Id);
                    Finish(new SessionStopped(request.Id));
                });
                Receive<StopFailed>(failed =>
                {
                    Log.Warning(
                        "Session {0} could not be stopped: {1} {2}",
                        request.Id,
                        failed.Code,
                        AddressRedaction.Of(failed.Message)
                    );
                    Finish(new EdgeRefusal(failed.Code, failed.Message));
                });
            }
        );
        Farm.Tell(new StopSession(request.Id), location.Shard, Self);
    }

    private void Silence()
    {
        Log.Warning("Session {0} did not stop within {1}", request.Id, limits.StopTimeout);
        Finish(
            new EdgeRefusal(
                FaultCode.Unavailable,
                $"Session {request.Id} has not finalised its record within {limits.StopTimeout.TotalSeconds:0.#} s; it goes on stopping, "
                    + "so ask GET /api/status or stop it again."
            )
        );
    }
}
