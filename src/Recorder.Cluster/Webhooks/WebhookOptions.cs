using System.Collections.Immutable;

namespace Recorder.Cluster.Webhooks;

/// <summary>One receiver of events in the configuration. The secret is given by <see cref="Secret"/> or read from
/// <see cref="SecretFile"/>, but not by both.</summary>
public sealed class WebhookOptions
{
    /// <summary>The name of the receiver, which is its id in the API.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where events are sent to.</summary>
    public string Url { get; set; } = "";

    /// <summary>The secret, <c>whsec_</c> and base64.</summary>
    public string? Secret { get; set; }

    /// <summary>A file that contains only the secret. Read once, at the start.</summary>
    public string? SecretFile { get; set; }

    /// <summary>The types of events, separated by commas; empty: every type.</summary>
    public string Types { get; set; } = "";

    /// <summary>The types of events, one by one.</summary>
    internal ImmutableList<string> EachType =>
        [.. Types.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
