using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Profiles;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls that tell which profiles this node has.</summary>
internal static class ProfileCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/api/profiles", (ProfileWatch watch) => List(watch))
            .Needs(ApiScope.Read)
            .Describe(
                "profiles",
                "List the profiles",
                "How kinds of meetings are entered, seen and left: those that came with the recorder, and those of this farm."
            )
            .Answers("The profiles, by name.");

        routes
            .MapRead("/api/profiles/{name}", (string name, ProfileWatch watch) => Find(name, watch))
            .Needs(ApiScope.Read)
            .Describe("profile", "Get a profile", "With the fields of the starts that the profile makes.")
            .Answers("The profile.")
            .Refuses(404)
            .TakesParameter(
                "name",
                ParameterLocation.Path,
                required: true,
                new OpenApiSchema { Type = JsonSchemaType.String, Description = "The name of the profile." }
            );
    }

    private static Answer<IReadOnlyList<ProfileAnswer>> List(ProfileWatch watch) =>
        new([.. watch.Current.All.Select(profile => Of(profile, whole: false))]);

    private static Answer<ProfileAnswer> Find(string name, ProfileWatch watch) =>
        watch.Current.Find(name) is { } profile
            ? new Answer<ProfileAnswer>(Of(profile, whole: true))
            : new EdgeRefusal(ErrorCode.NoSuchProfile, $"There is no profile {Redaction.Line(name, 64)}; GET /api/profiles lists them.");

    private static ProfileAnswer Of(Profile profile, bool whole)
    {
        var file = profile.File;
        return new ProfileAnswer(
            profile.Name,
            file.Description,
            profile.Shipped,
            profile.Parameters.ToDictionary(
                parameter => parameter.Key,
                parameter => new ProfileParameterAnswer(
                    parameter.Value.Description,
                    JsonNamingPolicy.SnakeCaseLower.ConvertName($"{parameter.Value.Kind}"),
                    parameter.Value.Required,
                    parameter.Value.Default
                )
            ),
            [.. ((file.Data!["page"] as JsonObject)?["layouts"] as JsonObject ?? []).Select(layout => layout.Key)],
            file.ReadFrom,
            whole ? file.Data.DeepClone().AsObject() : null
        );
    }
}
