using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Conversations;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Settings;

namespace Recorder.Http.Edge;

/// <summary>The endpoints' connection to the edge actor.</summary>
internal sealed class EdgeClient(
    IReadOnlyActorRegistry registry,
    IOptions<HttpOptions> options,
    ActorSystem system,
    TimeProvider clock,
    IHttpContextAccessor calls
)
{
    /// <summary>Measures how long other nodes are silent.</summary>
    public TimeProvider Clock => clock;

    /// <summary>The only owner whose sessions the caller sees; null: the caller sees every session. Everything that is
    /// asked here during a call is asked for its caller.</summary>
    public string? Only => Caller.Of(calls.HttpContext).Only;

    /// <summary>Connects to a node that has opened a way for a part of a record.</summary>
    /// <param name="node">The address of the node.</param>
    /// <param name="way">The way.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <returns>The bytes of the part as they come; null when the node cannot be reached in this way.</returns>
    public Task<RecordWay?> ConnectAsync(string node, RecordStreamOpened way, CancellationToken aborted) =>
        RecordStreamClient.ConnectAsync(system, node, way, aborted);

    /// <summary>
    /// Asks the edge actor. Every conversation answers within its own limits, so the limit here only detects an edge
    /// actor that is gone.
    /// </summary>
    public async Task<EdgeReply> AskAsync(IEdgeRequest request, CancellationToken aborted)
    {
        if (!registry.TryGet<HttpEdge>(out var edge))
        {
            return Gone("The node is still starting; try again in a few seconds.");
        }
        try
        {
            var reply = await edge.Ask<EdgeReply>(
                new AskedBy(request, Only),
                LimitOf(request) + TimeSpan.FromSeconds(2),
                aborted
            );
            if (SessionOf(request, reply) is { } session)
            {
                CallNotes.Note(calls.HttpContext, session);
            }
            return reply;
        }
        catch (AskTimeoutException)
        {
            return Gone("The node did not answer; it is stopping or overloaded, so try again in a few seconds.");
        }
    }

    /// <summary>Asks the edge actor, and makes an answer of the reply. A refusal becomes the answer of a
    /// refusal.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">Makes the answer from the reply.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    public async Task<Answer<T>> AnswerAsync<TReply, T>(
        IEdgeRequest<TReply> request,
        Func<TReply, T> answer,
        CancellationToken aborted
    )
        where TReply : EdgeReply =>
        await AnswerAsync(request, reply => new Answer<T>(answer(reply)), aborted);

    /// <summary>Asks the edge actor, and makes an answer of the reply. A refusal becomes the answer of a
    /// refusal.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">Makes the answer from the reply, where the answer has a status of its own.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    public async Task<Answer<T>> AnswerAsync<TReply, T>(
        IEdgeRequest<TReply> request,
        Func<TReply, Answer<T>> answer,
        CancellationToken aborted
    )
        where TReply : EdgeReply =>
        await AskAsync(request, aborted) switch
        {
            TReply reply => answer(reply),
            EdgeRefusal refusal => refusal,
            var other => throw new InvalidOperationException(
                $"The edge actor answered {request.GetType().Name} with {other.GetType().Name}."
            ),
        };

    private TimeSpan LimitOf(IEdgeRequest request) =>
        options.Value.PlacementTimeout
        + request switch
        {
            BeginSession => options.Value.StartTimeout,
            EndSession => options.Value.StopTimeout,
            FindFarmPressure pressure => pressure.Limit,
            FindPlacement placement => placement.Limit,
            // Two steps, each with the limit: the members of the farm, then the file.
            GetHlsPart => 2 * HlsQuery.Limit,
            FindRecordFile => RecordHolderQuery.Limit + (2 * RecordHolderQuery.PosterLimit),
            ChangeKeeping => KeepingConversation.Limit,
            GetRecordPart or OpenRecordWay => RecordPartQuery.Limit,
            RetryRecordDelivery => options.Value.PlacementTimeout + RetryConversation.Limit,
            ISessionRequest session => SessionConversation.LimitOf(session),
            _ => TimeSpan.Zero,
        };

    /// <summary>The session that is started or stopped, as far as the path of the call does not name it.</summary>
    private static SessionId? SessionOf(IEdgeRequest request, EdgeReply reply) =>
        reply switch
        {
            SessionBegun begun => begun.Id,
            EdgeRefusal { Session: { } failed } => failed,
            _ => (request as EndSession)?.Id,
        };

    private static EdgeRefusal Gone(string message) =>
        new(FaultCode.Unavailable, message) { RetryAfter = TimeSpan.FromSeconds(5) };
}
