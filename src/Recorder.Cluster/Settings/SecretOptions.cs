using System.ComponentModel;

namespace Recorder.Cluster.Settings;

/// <summary>A secret that starts may name; section <c>Recorder:Secrets:NAME</c>.</summary>
public sealed class SecretOptions
{
    /// <summary>The file that holds the secret and nothing else. White space at the end does not count.</summary>
    [Description("The absolute path of the file that holds the secret. Only the node's user may read the file.")]
    public string File { get; set; } = "";

    /// <summary>The hosts whose pages may get the secret.</summary>
    [Description(
        "The hosts whose pages may get the secret, separated by commas: names, *.example.org for all names below, or * for "
            + "every page. Whoever may start sessions could otherwise read the secret with a page of their own."
    )]
    public string Hosts { get; set; } = "";

    /// <summary>Each of <see cref="Hosts"/>.</summary>
    internal IEnumerable<string> EachHost =>
        Hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
