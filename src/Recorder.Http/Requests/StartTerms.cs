using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Profiles;

namespace Recorder.Http.Requests;

/// <summary>What this farm lets a start name and ask for.</summary>
internal sealed record StartTerms
{
    /// <summary>The destinations that a start may name.</summary>
    public DestinationList Destinations { get; init; } = DestinationList.None;

    /// <summary>How long a session of the farm may last; null: without a limit.</summary>
    public TimeSpan? Longest { get; init; }

    /// <summary>The secrets that a start may name.</summary>
    public SecretFiles Secrets { get; init; } = SecretFiles.None;

    /// <summary>The profiles that a start may name.</summary>
    public ProfileBook Profiles { get; init; } = ProfileBook.None;

    /// <summary>The terms of a farm that has nothing to name.</summary>
    public static StartTerms None { get; } = new();

    /// <summary>The terms of this node.</summary>
    /// <param name="services">The node's services.</param>
    public static StartTerms Of(IServiceProvider services) =>
        new()
        {
            Destinations = services.GetService<DestinationList>() ?? DestinationList.None,
            Longest = services.GetService<LongestSession>()?.Limit,
            Secrets = services.GetService<SecretFiles>() ?? SecretFiles.None,
            Profiles = services.GetService<ProfileWatch>()?.Current ?? ProfileBook.None,
        };
}
