using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Requests;

namespace Recorder.Http.Feed;

/// <summary>
/// The feed as server-sent events. A reader who takes nothing for <see cref="Patience"/> is closed. The reader comes
/// back with the id of the last event, and goes on after that event without a gap.
/// </summary>
/// <param name="asked">What the reader asks for.</param>
/// <param name="holds">Whether the reader may still read; asked at each step, since a key may be taken away.</param>
internal sealed class FeedAnswer(FeedCall asked, Func<bool> holds) : IResult
{
    /// <summary>The content type of server-sent events.</summary>
    public const string ContentType = "text/event-stream";

    /// <summary>How long the connection is silent before a comment shows that it lives.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>How long a reader may take nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long a reader waits for a database that is away before it is closed.</summary>
    private static readonly TimeSpan DatabasePatience = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var readers = services.GetRequiredService<FeedReaders>();
        if (!readers.TryEnter())
        {
            await JsonAnswer
                .Of(
                    new ErrorAnswer(
                        $"This edge has {FeedReaders.Most} readers of events, the most it takes; ask another edge of the farm.",
                        FaultCode.Unavailable
                    ),
                    TimeSpan.FromSeconds(10)
                )
                .ExecuteAsync(httpContext);
            return;
        }
        try
        {
            await TellAsync(httpContext, readers.Heartbeat);
        }
        finally
        {
            readers.Leave();
        }
    }

    private async Task TellAsync(HttpContext context, TimeSpan heartbeat)
    {
        var services = context.RequestServices;
        var log = services.GetRequiredService<ILogger<FeedAnswer>>();
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        FeedBounds bounds;
        try
        {
            bounds = await services.GetRequiredService<IEventFeed>().BoundsAsync(ended.Token);
        }
        catch (DbException error)
        {
            log.LogError(error, "The events could not be read from the database");
            await JsonAnswer
                .Of(
                    new ErrorAnswer(
                        "The database that keeps the events cannot be read; try again in a few seconds, and see the node's log if that does not help.",
                        FaultCode.Unavailable
                    ),
                    TimeSpan.FromSeconds(5)
                )
                .ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        // A proxy that gathers an answer would hold the events back.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        var (after, lost) = asked.BeginIn(bounds);
        var begin = new StringBuilder("retry: 2000\n\n");
        if (lost)
        {
            begin.Append(
                CultureInfo.InvariantCulture,
                $"event: gap\ndata: {{\"message\":\"Events before this place are no longer kept.\"}}\n\n"
            );
        }
        begin.Append(CultureInfo.InvariantCulture, $"id: {after}\n: the feed begins here\n\n");
        try
        {
            await WriteAsync(context, begin.ToString(), ended.Token);
            await FollowAsync(context, services.GetRequiredService<EventTail>(), after, heartbeat, ended.Token);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone, or the node stops.
        }
        catch (TimeoutException)
        {
            log.LogInformation("A reader of events took nothing for {Seconds:0} s and is closed", Patience.TotalSeconds);
            context.Abort();
        }
        catch (DbException error)
        {
            log.LogError(error, "The events could not be read from the database, and a reader is closed");
            context.Abort();
        }
    }

    private async Task FollowAsync(
        HttpContext context,
        EventTail tail,
        long after,
        TimeSpan heartbeat,
        CancellationToken ended
    )
    {
        var written = Stopwatch.GetTimestamp();
        var read = Stopwatch.GetTimestamp();
        var text = new StringBuilder();
        while (holds())
        {
            var bell = tail.Present;
            FeedPart part;
            try
            {
                part = await tail.AfterAsync(after, bell, ended);
                read = Stopwatch.GetTimestamp();
            }
            catch (DbException) when (Stopwatch.GetElapsedTime(read) < DatabasePatience)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), ended);
                tail.Ring();
                continue;
            }
            if (!holds())
            {
                return;
            }
            text.Clear();
            foreach (var told in part.Events.Where(asked.Filter.Wants))
            {
                text.Append(CultureInfo.InvariantCulture, $"id: {told.Position}\ndata: {told.Body}\n\n");
            }
            after = part.ReadTo;
            if (text.Length > 0)
            {
                await WriteAsync(context, text.ToString(), ended);
                written = Stopwatch.GetTimestamp();
            }
            if (part.More)
            {
                continue;
            }
            if (!holds())
            {
                return;
            }
            var left = heartbeat - Stopwatch.GetElapsedTime(written);
            if (left <= TimeSpan.Zero || !await bell.RungAsync(left, ended))
            {
                // The id tells a reader who comes back how far others' events were passed over.
                await WriteAsync(
                    context,
                    string.Create(CultureInfo.InvariantCulture, $"id: {after}\n: alive\n\n"),
                    ended
                );
                written = Stopwatch.GetTimestamp();
            }
        }
    }

    private static async Task WriteAsync(HttpContext context, string text, CancellationToken ended)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), ended).AsTask().WaitAsync(Patience, ended);
        await context.Response.Body.FlushAsync(ended).WaitAsync(Patience, ended);
    }
}
