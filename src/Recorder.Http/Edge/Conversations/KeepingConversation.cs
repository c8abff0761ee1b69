using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One change of how long records are kept. First the lists tell where the session is, then the session itself decides.
/// A session that ended long ago is told what the lists have of it.
/// </summary>
internal sealed class KeepingConversation(ChangeKeeping request, IActorRef asker, Farm farm, HttpOptions limits)
    : Conversation(asker, farm)
{
    /// <summary>How long the session may take. It waits some seconds for the node that holds the files.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private SessionId Id => request.Message.Id;

    protected override void Begin() => Locate(Id, limits.PlacementTimeout, Ask);

    private void Ask(SessionLocation location)
    {
        Await(
            Limit,
            Silence,
            () =>
            {
                Receive<KeepingChanged>(changed =>
                {
                    Log.Info("Session {0}: {1}", Id, request.Message.GetType().Name);
                    Finish(new KeepingFound(changed.Summary));
                });
                Receive<KeepingRefused>(refused => Finish(new EdgeRefusal(refused.Code, refused.Message)));
            }
        );
        Farm.Tell(
            request.Message with
            {
                Known = location.Summary.IsOver() ? location.Summary : null,
            },
            location.Shard < 0 ? KeepingMessage.ShardOfEnded : location.Shard,
            Self
        );
    }

    private void Silence()
    {
        Log.Warning("Session {0} did not answer {1} within {2}", Id, request.Message.GetType().Name, Limit);
        Finish(
            new EdgeRefusal(
                FaultCode.Unavailable,
                $"Session {Id} did not answer within {Limit.TotalSeconds:0} s; look at GET /api/records?session={Id} and try again."
            )
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            }
        );
    }
}
