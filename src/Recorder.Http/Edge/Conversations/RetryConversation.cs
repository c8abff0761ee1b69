using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// A wish to try a delivery again. Only the session itself can grant the wish, whether it runs, has ended, or has ended
/// so long ago that the placement has forgotten it. A forgotten session is first taken into the placement's list again.
/// </summary>
internal sealed class RetryConversation(RetryRecordDelivery request, IActorRef asker, Farm farm, HttpOptions limits)
    : Conversation(asker, farm)
{
    /// <summary>How long the session may take. A session that sleeps reads its journal first.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    protected override void Begin() =>
        Locate(
            request.Id,
            limits.PlacementTimeout,
            location =>
            {
                if (location.Shard >= 0)
                {
                    Ask(location.Shard);
                }
                else
                {
                    Recall(location.Summary);
                }
            }
        );

    private void Recall(SessionSummary forgotten)
    {
        Await(
            limits.PlacementTimeout,
            () => PlacementIsSilent(limits.PlacementTimeout, request.Id),
            () =>
            {
                Receive<SessionLocation>(location => Ask(location.Shard));
                Receive<SessionUnknown>(_ => Finish(EdgeRefusal.NoSuchSession(request.Id)));
            }
        );
        Farm.Tell(new RecallSession(forgotten), Self);
    }

    private void Ask(int shard)
    {
        Await(
            Limit,
            () =>
            {
                Log.Warning("Session {0} did not answer a retry within {1}", request.Id, Limit);
                Finish(
                    new EdgeRefusal(
                        FaultCode.Unavailable,
                        $"Session {request.Id} did not answer within {Limit.TotalSeconds:0.#} s; look at the record's deliveries and try again."
                    )
                    {
                        RetryAfter = TimeSpan.FromSeconds(5),
                    }
                );
            },
            () =>
            {
                Receive<SessionChanged>(changed =>
                {
                    Log.Info("Session {0}: {1} is to be tried again for {2}", request.Id, request.To, request.Path);
                    Finish(new DetailsFound(changed.Details));
                });
                Receive<ChangeRefused>(refused => Finish(new EdgeRefusal(refused.Code, refused.Message)));
            }
        );
        Farm.Tell(new RetryDelivery(request.Id, request.Path, request.To), shard, Self);
    }
}
