using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls of operators and their tools, in the forms of Akka Management. Every node answers these calls,
/// whatever its roles.</summary>
internal static class ClusterCalls
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly ImmutableDictionary<string, MemberOperation> Operations = Enum.GetValues<MemberOperation>()
        .ToImmutableDictionary(operation => operation.ToString(), StringComparer.OrdinalIgnoreCase);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/cluster/members", MembersAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "members",
                "Who is in the farm?",
                "As the node that is asked sees it, in the form of Akka Management."
            )
            .Answers("The members.")
            .Refuses(503);

        routes
            .MapRead("/cluster/members/{**address}", MemberAsync)
            .Needs(ApiScope.Read)
            .Describe("member", "One member of the farm", "")
            .Answers("The member.")
            .Refuses(404, 503)
            .TakesNode();

        routes
            .MapPut("/cluster/members/{**address}", ChangeAsync)
            .Needs(ApiScope.Admin)
            .Describe(
                "change-member",
                "Let a member go",
                "Leave: as on SIGTERM it hands its sessions over, finishes the others' records and leaves. Down: the farm gives it up, for a node that is dead. Drain: it takes no new sessions, and "
                    + "those it has are handed over to nodes with room; asked again it tells how many are left. Undrain: it takes sessions again."
            )
            .Answers("It is told to.")
            .Refuses(400, 404, 413, 415, 503)
            .TakesNode()
            .TakesForm("operation", Enum.GetNames<MemberOperation>());

        routes
            .MapRead("/cluster/shards/{type}", ShardsAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "shards",
                "The shards of a type",
                "Of the whole farm; the recorder's one type is session, and each running session has one."
            )
            .Answers("The shards.")
            .Refuses(404, 503)
            .TakesShardType();
    }

    private static Task<Answer<MembersAnswer>> MembersAsync(IReadOnlyActorRegistry registry) =>
        AskAsync<FarmMembers, MembersAnswer>(registry, new ListMembers(), members => MembersAnswer.Of(members));

    private static Task<Answer<MemberAnswer>> MemberAsync(HttpContext context, IReadOnlyActorRegistry registry)
    {
        var address = AddressIn(context);
        return AskAsync<FarmMembers, MemberAnswer>(
            registry,
            new ListMembers(),
            members =>
                members.Members.Find(member => member.IsNamed(address)) is { } found
                    ? MemberAnswer.Of(found)
                    : NoSuchMember(address)
        );
    }

    private static async Task<Answer<MemberChangeAnswer>> ChangeAsync(
        HttpContext context,
        IReadOnlyActorRegistry registry,
        IOptions<HttpOptions> options
    )
    {
        if (!context.Request.HasFormContentType)
        {
            return new EdgeRefusal(
                ErrorCode.UnsupportedMediaType,
                "The operation is sent as a form: curl -X PUT -F operation=Leave …"
            )
            {
                Field = HeaderNames.ContentType,
            };
        }
        var longest = options.Value.MaximumBody.Bytes;
        if (context.Request.ContentLength > longest)
        {
            return new EdgeRefusal(
                ErrorCode.BodyTooLarge,
                $"The form is longer than {longest} bytes, the most this recorder takes."
            );
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            // A form in chunks does not tell its length.
            body.MaxRequestBodySize = longest;
        }
        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception error) when (error is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return new EdgeRefusal(
                ErrorCode.InvalidRequest,
                $"The form cannot be read: {Redaction.Line(error.Message.TrimEnd('.'), 200)}."
            );
        }
        var word = form["operation"].ToString();
        if (!Operations.TryGetValue(word, out var operation))
        {
            return new EdgeRefusal(
                ErrorCode.InvalidRequest,
                $"operation is \"{Redaction.Line(word, 40)}\"; it must be one of {string.Join(", ", Enum.GetNames<MemberOperation>())}."
            )
            {
                Field = "operation",
            };
        }

        CallNotes.NoteDetail(context, operation.ToString());
        var address = AddressIn(context);
        return operation switch
        {
            MemberOperation.Leave => await LetGoAsync(registry, new LetLeave(address), address, "Leaving"),
            MemberOperation.Down => await LetGoAsync(registry, new GiveUp(address), address, "Downing"),
            _ => await DrainAsync(registry, address, operation == MemberOperation.Drain),
        };
    }

    private static Task<Answer<MemberChangeAnswer>> LetGoAsync(
        IReadOnlyActorRegistry registry,
        object ask,
        string address,
        string message
    ) =>
        AskAsync<MemberChange, MemberChangeAnswer>(
            registry,
            ask,
            change => change.Node is null ? NoSuchMember(address) : new MemberChangeAnswer($"{message} {change.Node}")
        );

    private static async Task<Answer<MemberChangeAnswer>> DrainAsync(
        IReadOnlyActorRegistry registry,
        string address,
        bool on
    )
    {
        if (
            !registry.TryGet<FarmMembership>(out var membership)
            || !registry.TryGet<PlacementSingleton>(out var placement)
        )
        {
            return Unavailable();
        }
        try
        {
            var members = await membership.Ask<FarmMembers>(new ListMembers(), Limit);
            if (members.Members.Find(member => member.IsNamed(address)) is not { } found)
            {
                return NoSuchMember(address);
            }
            var state = await placement.Ask<DrainState>(new DrainNode(found.Node, on), Limit);
            return new MemberChangeAnswer(
                $"{(on ? "Draining" : "Not draining")} {found.Node}, which has {state.Sessions.Count} session{(state.Sessions.Count == 1 ? "" : "s")}"
            )
            {
                Sessions = state.Sessions.Count,
            };
        }
        catch (AskTimeoutException)
        {
            return Unavailable();
        }
    }

    private static async Task<Answer<ShardsAnswer>> ShardsAsync(string type, IReadOnlyActorRegistry registry)
    {
        if (type != FarmNames.SessionType)
        {
            return new EdgeRefusal(
                ErrorCode.NoSuchShardType,
                $"There are no shards of the type {Redaction.Line(type, 40)}; the recorder's type is {FarmNames.SessionType}."
            );
        }
        if (!registry.TryGet<SessionRegion>(out var region))
        {
            return Unavailable();
        }
        try
        {
            var stats = await region.Ask<ClusterShardingStats>(new GetClusterShardingStats(Limit), Limit + Limit);
            return new ShardsAnswer([
                .. stats
                    .Regions.SelectMany(node =>
                        node.Value.Stats.Select(shard => new ShardAnswer(shard.Key, shard.Value, node.Key.ToString()))
                    )
                    .OrderBy(shard => shard.Node, StringComparer.Ordinal)
                    .ThenBy(shard => shard.ShardId.Length)
                    .ThenBy(shard => shard.ShardId, StringComparer.Ordinal),
            ]);
        }
        catch (AskTimeoutException)
        {
            return Unavailable();
        }
    }

    private static async Task<Answer<T>> AskAsync<TReply, T>(
        IReadOnlyActorRegistry registry,
        object question,
        Func<TReply, Answer<T>> answer
    )
    {
        if (!registry.TryGet<FarmMembership>(out var membership))
        {
            return Unavailable();
        }
        try
        {
            return answer(await membership.Ask<TReply>(question, Limit));
        }
        catch (AskTimeoutException)
        {
            return Unavailable();
        }
    }

    // Whole addresses contain slashes. A path may contain slashes unchanged or as %2F.
    private static string AddressIn(HttpContext context) =>
        Uri.UnescapeDataString(context.Request.RouteValues["address"] as string ?? "");

    private static EdgeRefusal NoSuchMember(string address) =>
        new(
            ErrorCode.NoSuchMember,
            $"The farm has no member {Redaction.Line(address, 100)}; GET /cluster/members lists them."
        );

    private static EdgeRefusal Unavailable() =>
        new(
            FaultCode.Unavailable,
            "The node did not answer; it is starting, stopping or overloaded, so try again in a few seconds."
        )
        {
            RetryAfter = Limit,
        };
}
