using Microsoft.AspNetCore.Http;

using Recorder.Cluster.Sessions;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Requests;

namespace Recorder.Http.Edge;

/// <summary>Turns what a parser or the edge actor said into an answer.</summary>
internal static class EdgeAnswers
{
    /// <summary>A request that is refused before anyone is asked.</summary>
    public static IResult Refused(RequestError error) => JsonAnswer.Of(new ErrorAnswer(error.Message, error.Code, error.Field));

    /// <summary>Asks the edge actor; a refusal of its is answered as such, every other reply as JSON by <paramref name="answer"/>.</summary>
    public static Task<IResult> AnswerAsync<TReply>(this EdgeClient edge, IEdgeRequest request, HttpContext context, Func<TReply, object> answer)
        where TReply : EdgeReply => edge.ResultAsync<TReply>(request, context, reply => new JsonAnswer(answer(reply)));

    /// <summary>Asks the edge actor; a refusal of its is answered as such, every other reply by <paramref name="answer"/>.</summary>
    public static async Task<IResult> ResultAsync<TReply>(this EdgeClient edge, IEdgeRequest request, HttpContext context, Func<TReply, IResult> answer)
        where TReply : EdgeReply => await edge.AskAsync(request, context.RequestAborted) switch
        {
            TReply reply => answer(reply),
            EdgeRefusal refusal => Refused(refusal),
            var other => throw new InvalidOperationException(
                $"The edge actor answered {request.GetType().Name} with {other.GetType().Name}."),
        };

    /// <summary>A refusal of the edge actor's.</summary>
    public static JsonAnswer Refused(EdgeRefusal refusal) => JsonAnswer.Of(
        new ErrorAnswer(AddressRedaction.WithQuery(refusal.Message), refusal.Code, refusal.Field, refusal.Nodes.IsEmpty ? null : refusal.Nodes),
        refusal.RetryAfter > TimeSpan.Zero ? refusal.RetryAfter : null);
}
