using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Placement;
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
                "Where it may, where not and why not, with each node's slots, what is used of them, and its load; and what the key's owner has, or every owner for a key of the scope admin."
            )
            .Answers("How full the farm is.")
            .Refuses(503);
    }

    private static Answer<HealthAnswer> Live() => new HealthAnswer("live");

    private static async Task<IResult> ReadyAsync(
        HttpContext context,
        ReadyProbe probe,
        KeyWatch keys
    )
    {
        var reason = await probe.WhyNotReadyAsync(context.RequestAborted);
        var ready = new HealthAnswer("ready") { Warnings = WarningsOf(context, keys) };
        return reason is null ? new Answer<HealthAnswer>(ready)
            : AccessMiddleware.IsKnown(context, keys) ? new Answer<HealthAnswer>(reason)
            // Probes have no key, and the reason would name nodes.
            : new JsonAnswer(new HealthAnswer("not_ready"), StatusCodes.Status503ServiceUnavailable, ReadyProbe.RetryInterval);
    }

    /// <summary>What is amiss and does not keep calls away. Probes have no key, and need no warnings.</summary>
    private static ImmutableList<string>? WarningsOf(HttpContext context, KeyWatch keys) =>
        AccessMiddleware.IsKnown(context, keys)
        && new[] { context.RequestServices.GetService<FarmClock>()?.Warning, keys.Problem }
            .OfType<string>()
            .ToImmutableList()
            is { IsEmpty: false } warnings
            ? warnings
            : null;

    private static Task<Answer<PressureAnswer>> PressureAsync(
        EdgeClient edge,
        IOptions<HttpOptions> options,
        HttpContext context,
        CancellationToken aborted
    )
    {
        var caller = Caller.Of(context);
        return edge.AnswerAsync(
            new FindFarmPressure(options.Value.PlacementTimeout),
            found => PressureAnswer.Of(found.Pressure) with { Owners = OwnersFor(caller, found.Pressure.Owners) },
            aborted
        );
    }

    /// <summary>What a caller is told of owners. The caller's own owner is always among them.</summary>
    private static ImmutableList<OwnerPressureAnswer>? OwnersFor(Caller caller, ImmutableList<OwnerPressure> owners)
    {
        var told = owners
            .Where(owner => caller.Only is null || owner.Owner == caller.Only)
            .Select(owner => new OwnerPressureAnswer(owner.Owner, owner.Sessions, owner.PixelRate))
            .ToImmutableList();
        if (caller.Owner is not { } own)
        {
            return told.Exists(owner => owner.Owner is not null) ? told : null;
        }
        var mine = told.Find(owner => owner.Owner == own);
        var limits = caller.Limits;
        var more = (mine ?? new OwnerPressureAnswer(own, 0, 0)) with
        {
            MaxSessions = limits.Sessions > 0 ? limits.Sessions : null,
            MaxPixelRate = limits.PixelRate > 0 ? limits.PixelRate : null,
        };
        return mine is null ? told.Add(more) : told.Replace(mine, more);
    }
}
