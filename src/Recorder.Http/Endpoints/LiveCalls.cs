using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls that change a session while it runs.</summary>
internal static class LiveCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPatch("/api/sessions/{id}", ChangeAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "change",
                "Change the stream targets, the end and the page of a running session",
                "All of it or nothing. Answers once the change is written down; each target's own state tells what becomes of it. Of end, the given rules change; null takes a rule away."
            )
            .Answers("The session after the change.")
            .Refuses(400, 404, 409, 413, 415, 503)
            .Takes(RequestSchemas.Targets(), required: true)
            .TakesId(inPath: true);

        routes
            .MapPost("/api/sessions/{id}/pause", PauseAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "pause",
                "Let the record stand still",
                "One file without a gap comes of it; streams are kept alive with the last picture and silence. Pausing again answers the same."
            )
            .Answers("The record stands still.")
            .Refuses(400, 404, 409, 503)
            .TakesId(inPath: true);

        routes
            .MapPost("/api/sessions/{id}/resume", ResumeAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "resume",
                "Let the record go on after a pause",
                "Its time stamps go on where they stood still. Resuming again answers the same."
            )
            .Answers("The record goes on.")
            .Refuses(400, 404, 409, 503)
            .TakesId(inPath: true);
    }

    private static async Task<Answer<SessionAnswer>> ChangeAsync(
        Asked<ChangeCall> call,
        EdgeClient edge,
        AddressDesk addresses,
        HttpContext context
    )
    {
        CallNotes.NoteDetail(context, $"Targets: {call.Value.Add.Count} to add, {call.Value.Remove.Count} to remove.");
        var refusal = call.Value.Page?.Page is { } page
            ? await addresses.RefusalOfAsync("page.uri", page)
                ?? await SecretsRefuseAsync(call.Value.Id, page, edge, context)
            : null;
        refusal ??= await addresses.RefusalOfAsync(ChangeRequestParser.Add, call.Value.Add);
        return refusal is not null
            ? refusal
            : await AnswerAsync(
                edge,
                new ChangeSessionTargets(call.Value.Id, call.Value.Add, call.Value.Remove)
                {
                    End = call.Value.End,
                    Page = call.Value.Page,
                },
                context
            );
    }

    /// <summary>Why the page of a session cannot be another: what goes to the page's own origin would go there, and a
    /// secret is not for everybody. Null when nothing is against the page.</summary>
    private static async Task<EdgeRefusal?> SecretsRefuseAsync(
        SessionId session,
        Uri page,
        EdgeClient edge,
        HttpContext context
    )
    {
        var secrets = context.RequestServices.GetService<SecretFiles>() ?? SecretFiles.None;
        return
            await edge.AskAsync(new FindSummary(session), context.RequestAborted)
                is SessionFound { Session.Spec: PageSessionSpec { Settings: { } settings } }
            && settings.OfOwnOrigin.FirstOrDefault(text =>
                text.Secret is { } name && !secrets.IsFor(name, page.IdnHost)
            )
                is { Secret: { } refused }
            ? new EdgeRefusal(ErrorCode.InvalidRequest, PageFields.NotForPage("page.uri", refused, page))
            {
                Field = "page.uri",
            }
            : null;
    }

    private static Task<Answer<SessionAnswer>> PauseAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        HttpContext context
    ) => AnswerAsync(edge, new PauseOrUnpause(session.Value.Id, Pause: true), context);

    private static Task<Answer<SessionAnswer>> ResumeAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        HttpContext context
    ) => AnswerAsync(edge, new PauseOrUnpause(session.Value.Id, Pause: false), context);

    private static Task<Answer<SessionAnswer>> AnswerAsync(
        EdgeClient edge,
        IEdgeRequest<DetailsFound> request,
        HttpContext context
    ) =>
        edge.AnswerAsync(
            request,
            found => found.Details.Detailed(Caller.Of(context).SeesWholeAddresses(found.Details.Summary.Spec)),
            context.RequestAborted
        );
}
