using System.ComponentModel;

namespace Recorder.Cluster.Settings;

/// <summary>A secret that starts may name; section <c>Recorder:Secrets:NAME</c>.</summary>
public sealed class SecretOptions
{
    /// <summary>The file that holds the secret and nothing else. White space at the end does not count.</summary>
    [Description("The absolute path of the file that holds the secret. Only the node's user may read the file.")]
    public string File { get; set; } = "";
}
