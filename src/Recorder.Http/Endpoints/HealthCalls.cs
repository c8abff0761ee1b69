using System.Collections.Immutable;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls of probes and load balancers.</summary>
internal static class HealthCalls
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/health/live", Live)
            .OpenToEveryone()
            .Describe("live", "Does the process answer?", "Needs no key.")
            .Answers("It does.");

        routes
            .MapRead("/health/ready", ReadyAsync)
            .TellsMoreWith(ApiScope.Read)
            .Describe(
                "ready",
                "Can this node be called?",
                "It can once it is in its farm and the farm's placement answers it within a second. Needs no key; the reason of a 503 is told with one of the scope read, and without one it is {\"status\":\"not_ready\"}."
            )
            .Answers<HealthAnswer>("It can.")
            .Refuses(503);

        routes
            .MapRead("/api/pressure", PressureAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "pressure",
                "May the farm take one more session?",
                "Where it may, where not and why not, with each node's slots, what is used of them, and its load."
            )
            .Answers("How full the farm is.")
            .Refuses(503);
    }

    private static Answer<HealthAnswer> Live() => new HealthAnswer("live");

    private static async Task<IResult> ReadyAsync(
        HttpContext context,
        EdgeClient edge,
        IReadOnlyActorRegistry registry,
        IOptions<HttpOptions> options,
        ApiKeyRing keys
    )
    {
        var reason = await WhyNotReadyAsync(context, edge, registry, options.Value);
        var ready = new HealthAnswer("ready") { Warnings = WarningsOf(context, keys) };
        return reason is null ? new Answer<HealthAnswer>(ready)
            : AccessMiddleware.IsKnown(context, keys) ? new Answer<HealthAnswer>(reason)
            // Probes have no key, and the reason would name nodes.
            : new JsonAnswer(new HealthAnswer("not_ready"), StatusCodes.Status503ServiceUnavailable, RetryInterval);
    }

    /// <summary>What is amiss and does not keep calls away. Probes have no key, and need no warnings.</summary>
    private static ImmutableList<string>? WarningsOf(HttpContext context, ApiKeyRing keys) =>
        context.RequestServices.GetService<FarmClock>()?.Warning is { } warning
        && AccessMiddleware.IsKnown(context, keys)
            ? [warning]
            : null;

    private static async Task<EdgeRefusal?> WhyNotReadyAsync(
        HttpContext context,
        EdgeClient edge,
        IReadOnlyActorRegistry registry,
        HttpOptions options
    )
    {
        if (registry.TryGet<FarmMembership>(out var membership))
        {
            // A node that has not found its farm knows the reason. A question to the farm's placement would only show
            // that the placement does not answer.
            var standing = await membership.Ask<NodeStanding>(
                new GetStanding(),
                options.PlacementTimeout,
                context.RequestAborted
            );
            if (standing.WhyNotIn is { } reason)
            {
                return new EdgeRefusal(FaultCode.Unavailable, reason) { RetryAfter = RetryInterval };
            }
        }

        return await edge.AskAsync(new FindPlacement(options.ReadyTimeout), context.RequestAborted) as EdgeRefusal;
    }

    private static Task<Answer<PressureAnswer>> PressureAsync(
        EdgeClient edge,
        IOptions<HttpOptions> options,
        CancellationToken aborted
    ) =>
        edge.AnswerAsync(
            new FindFarmPressure(options.Value.PlacementTimeout),
            found => PressureAnswer.Of(found.Pressure),
            aborted
        );
}
