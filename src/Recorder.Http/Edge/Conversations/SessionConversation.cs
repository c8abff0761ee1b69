using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// One question to a running session, or one change of the session. First the placement tells where the session is,
/// then the session itself answers. About a session that has ended, the placement's list tells everything, without
/// waking the session.
/// </summary>
internal sealed class SessionConversation(ISessionRequest request, IActorRef asker, Farm farm, HttpOptions limits)
    : Conversation(asker, farm)
{
    /// <summary>How long a session may take to tell its live figures. After that, the list gives the answer.</summary>
    public static readonly TimeSpan DetailsLimit = TimeSpan.FromSeconds(1);

    /// <summary>How long a change may take. The limit is longer than a session's own limit for its media side, which is
    /// 5 s.</summary>
    public static readonly TimeSpan ChangeLimit = TimeSpan.FromSeconds(8);

    /// <summary>How long the session may take.</summary>
    public static TimeSpan LimitOf(ISessionRequest request) => request is GetDetails ? DetailsLimit : ChangeLimit;

    protected override void Begin() =>
        Locate(
            request.Id,
            limits.PlacementTimeout,
            location =>
            {
                if (location.Summary.IsOver())
                {
                    Finish(WhenOver(location.Summary));
                }
                else
                {
                    Ask(location);
                }
            }
        );

    private void Ask(SessionLocation location)
    {
        Await(
            LimitOf(request),
            () => Silence(location.Summary),
            () =>
            {
                Receive<SessionDetails>(details => Finish(new DetailsFound(details)));
                Receive<DetailsUnavailable>(_ => Finish(Listed(location.Summary)));
                Receive<SessionChanged>(changed =>
                {
                    Log.Info("Session {0} is changed: {1}", request.Id, request.GetType().Name);
                    Finish(new DetailsFound(changed.Details));
                });
                Receive<SessionMarked>(marked => Finish(new MarkFoundPlace(marked.Id, marked.Mark)));
                Receive<ChangeRefused>(refused => Finish(new EdgeRefusal(refused.Code, refused.Message)));
                Receive<SessionThumbnail>(thumbnail => Finish(new ThumbnailFound(thumbnail.Jpeg, thumbnail.At)));
                Receive<ThumbnailUnavailable>(none => Finish(new EdgeRefusal(none.Code, none.Message)));
            }
        );
        Farm.Tell(Message(), location.Shard, Self);
    }

    private void Silence(SessionSummary listed)
    {
        Log.Warning("Session {0} did not answer {1} within {2}", request.Id, request.GetType().Name, LimitOf(request));
        Finish(
            request is GetDetails
                ? Listed(listed)
                : new EdgeRefusal(
                    FaultCode.Unavailable,
                    $"Session {request.Id} did not answer within {LimitOf(request).TotalSeconds:0.#} s; look at GET /api/sessions/{request.Id} and try again."
                )
                {
                    RetryAfter = TimeSpan.FromSeconds(5),
                }
        );
    }

    private EdgeReply WhenOver(SessionSummary listed) =>
        request is GetDetails
            ? Listed(listed)
            : new EdgeRefusal(FaultCode.NotRunning, $"Session {request.Id} does not run any more.");

    private static DetailsFound Listed(SessionSummary listed) =>
        new(new SessionDetails(listed, listed.Outputs, null, null, listed.PausedSince is not null));

    private SessionMessage Message() =>
        request switch
        {
            GetDetails find => new GetSession(find.Id),
            GetPicture find => new GetThumbnail(find.Id),
            ChangeSessionTargets change => new ChangeTargets(change.Id, change.Add, change.Remove)
            {
                End = change.End,
                Page = change.Page,
            },
            PauseOrUnpause { Pause: true } pause => new PauseSession(pause.Id),
            PauseOrUnpause unpause => new UnpauseSession(unpause.Id),
            MarkMoment mark => new MarkSession(mark.Id, mark.Title),
            _ => throw new InvalidOperationException($"{request.GetType().Name} is no question for a session."),
        };
}
