using Microsoft.AspNetCore.Http;

using Recorder.Http.Answers;

namespace Recorder.Http.Access;

/// <summary>
/// Keeps web pages away from every route: a recorded page runs on this machine and may call where no key is needed. What a page asks is
/// refused (<see cref="PageCall"/>), and no answer can be shown inside a page.
/// </summary>
internal sealed class PageGuard(RequestDelegate next)
{
    /// <summary>The item of a call that was refused because a page made it.</summary>
    public const string Refused = "Recorder.PageRefused";

    public Task InvokeAsync(HttpContext context)
    {
        // Last, since an unexpected error clears what is set before it.
        context.Response.OnStarting(Lock, context);
        if (PageCall.Refusal(context.Request.Headers, context.Request.Host, _ => false) is not { } refusal)
            return next(context);
        context.Items[Refused] = true;
        return JsonAnswer.Of(refusal).ExecuteAsync(context);
    }

    /// <summary>The browser itself then refuses an answer that a page embeds as picture, film, script or frame.</summary>
    private static Task Lock(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return Task.CompletedTask;
    }
}
