using System.Data.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Links;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Library;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>Carries out the calls about links to records, and opens them.</summary>
internal sealed class LinkDesk(RecordLinkBook book, EdgeClient edge, TimeProvider clock, ILogger<LinkDesk> log)
{
    public Task<Answer<LinkAnswer>> MakeAsync(NewLinkCall call, HttpContext context) =>
        WithAsync<LinkAnswer>(
            call.Record,
            context,
            async item =>
            {
                if (item.Record.Erasing is not null)
                {
                    return new EdgeRefusal(
                        FaultCode.RecordErased,
                        $"Record {item.Id} is erased, or is being erased; a link to it would open nothing."
                    );
                }
                var now = clock.GetUtcNow();
                var secret = LinkSecret.New();
                var link = new RecordLink(
                    $"lnk_{Guid.NewGuid():n}",
                    item.Id,
                    call.Wanted.Inline,
                    now,
                    now + call.Wanted.ExpiresIn,
                    call.Wanted.Downloads,
                    0,
                    null,
                    null
                );
                if (!await book.PutAsync(link, secret, CancellationToken.None))
                {
                    return new EdgeRefusal(
                        FaultCode.NotSupported,
                        $"Record {item.Id} has {RecordLink.MostOfRecord} links, the most that a record has; DELETE those that are not needed."
                    );
                }
                CallNotes.NoteDetail(context, link.Id);
                var path = LinkEndpoints.Prefix + secret;
                var (scheme, host) = (context.Request.Scheme, context.Request.Host);
                return LinkAnswer.Of(link, now) with
                {
                    Url = host.HasValue ? $"{scheme}://{host.ToUriComponent()}{path}" : null,
                    Path = path,
                };
            }
        );

    public Task<Answer<IReadOnlyList<LinkAnswer>>> ListAsync(RecordInPath record, HttpContext context) =>
        WithAsync<IReadOnlyList<LinkAnswer>>(
            record,
            context,
            async item =>
            {
                var now = clock.GetUtcNow();
                var links = await book.ListAsync(item.Id, context.RequestAborted);
                return new Answer<IReadOnlyList<LinkAnswer>>([.. links.Select(link => LinkAnswer.Of(link, now))]);
            }
        );

    public Task<Answer<LinkRevokedAnswer>> RevokeAsync(LinkInPath path, HttpContext context) =>
        WithAsync<LinkRevokedAnswer>(
            path.Record,
            context,
            async item =>
                await book.RevokeAsync(item.Id, path.Link, clock.GetUtcNow(), CancellationToken.None)
                    ? new LinkRevokedAnswer("revoked")
                    : new EdgeRefusal(
                        ErrorCode.NoSuchLink,
                        $"Record {item.Id} has no link {Redaction.Line(path.Link, 64)}; GET /api/records/{item.Id}/links lists the links."
                    )
        );

    /// <summary>The record of a link's secret.</summary>
    public Task<Answer<IResult>> OpenAsync(string? secret, HttpContext context) =>
        ReadableAsync<IResult>(async () =>
        {
            var aborted = context.RequestAborted;
            if (!LinkSecret.IsOne(secret) || await book.FindAsync(secret!, aborted) is not { } link)
            {
                return new EdgeRefusal(
                    ErrorCode.NoSuchLink,
                    "There is no such link. Check that the address is complete, or ask the person who sent it for another."
                );
            }
            if (link.StateAt(clock.GetUtcNow()) is var state and (LinkState.Revoked or LinkState.Expired))
            {
                return Ended(state);
            }
            var item = await edge.FindRecordAsync(
                link.Record.Session,
                (id, _) => id == link.Record,
                $"{link.Record}",
                aborted
            );
            return new Answer<IResult>(
                await edge.MediaAsync(item, link.Inline, live: false, aborted, part => AdmitAsync(link, part))
            );
        });

    /// <summary>Counts a download where a call begins one.</summary>
    /// <returns>Why the call gets nothing; null when the call gets what it asked for.</returns>
    private async Task<EdgeRefusal?> AdmitAsync(RecordLink link, MediaPart part)
    {
        var now = clock.GetUtcNow();
        try
        {
            return part switch
            {
                MediaPart.None => link.StateAt(now) is var state and not LinkState.Active ? Ended(state) : null,
                _ when link.Continues(part == MediaPart.Beginning, now) => null,
                _ => await book.CountAsync(link.Id, now, CancellationToken.None) ? null : Ended(LinkState.UsedUp),
            };
        }
        catch (DbException error)
        {
            return Unreadable(error);
        }
    }

    private static EdgeRefusal Ended(LinkState state) =>
        new(
            ErrorCode.LinkEnded,
            state switch
            {
                LinkState.Revoked => "This link was revoked",
                LinkState.Expired => "This link has expired",
                _ => "This link was used as often as it may be",
            } + "; ask the person who sent it for another."
        );

    private Task<Answer<T>> WithAsync<T>(
        RecordInPath wanted,
        HttpContext context,
        Func<SessionRecord, Task<Answer<T>>> answer
    ) =>
        ReadableAsync(async () =>
            await answer(
                await edge.FindRecordAsync(wanted.Session, wanted.Is, $"{wanted}", context.RequestAborted)
            )
        );

    private async Task<Answer<T>> ReadableAsync<T>(Func<Task<Answer<T>>> answer)
    {
        try
        {
            return await answer();
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
        catch (DbException error)
        {
            return Unreadable(error);
        }
    }

    private EdgeRefusal Unreadable(DbException error)
    {
        log.LogError(error, "The links to records could not be read from the database, or written");
        return new EdgeRefusal(
            FaultCode.Unavailable,
            "The database that keeps the links does not answer; try again in a few seconds, and see the node's log if that does not help."
        )
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };
    }
}
