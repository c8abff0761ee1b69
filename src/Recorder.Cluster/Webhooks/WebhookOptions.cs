using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

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

    /// <summary>The labels that a session must have for its events to be sent, as <c>key=value</c> separated by commas;
    /// empty: any session, and events of the farm.</summary>
    public string Labels { get; set; } = "";

    /// <summary>The labels, one by one; null when they cannot be read.</summary>
    internal ImmutableList<SessionLabel>? EachLabel
    {
        get
        {
            var labels = Labels
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(text => text.Split('=', 2))
                .ToList();
            return labels.TrueForAll(pair => pair.Length == 2 && SessionLabel.IsKey(pair[0]))
                ? [.. labels.Select(pair => new SessionLabel(pair[0], pair[1]))]
                : null;
        }
    }

    /// <summary>The types of events, one by one.</summary>
    internal ImmutableList<string> EachType =>
        [.. Types.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
