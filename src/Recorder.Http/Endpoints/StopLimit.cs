using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>
/// Ends calls that hold up a node that is told to stop: a slow upload, or a caller who reads slowly. A start or a stop
/// of a session whose request was read goes on, since its caller needs the answer.
/// </summary>
internal sealed class StopLimit(RequestDelegate next, IHostApplicationLifetime lifetime)
{
    /// <summary>How long calls may go on after the node was told to stop.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _passed = LimitOf(lifetime);

    public async Task InvokeAsync(HttpContext context)
    {
        var standing = new CallStanding();
        context.Features.Set(standing);
        await using var registration = _passed.Token.Register(() =>
        {
            if (!standing.Read)
            {
                context.Abort();
            }
        });
        await next(context);
    }

    private static CancellationTokenSource LimitOf(IHostApplicationLifetime lifetime)
    {
        var passed = new CancellationTokenSource();
        lifetime.ApplicationStopping.Register(() => passed.CancelAfter(Limit));
        return passed;
    }
}
