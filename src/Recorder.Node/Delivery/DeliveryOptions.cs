using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Delivery;

/// <summary>The destinations of closed records: section <c>Delivery</c> of the configuration.</summary>
[Description("Where records go when they are closed. Every node of a farm needs the same values.")]
internal sealed class DeliveryOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Delivery";

    [Description(
        "The absolute path of a command that the node runs for each closed record. The command runs as the "
            + "node's user, without a shell. Its last two arguments are the paths of the record and of the record's "
            + "manifest. Empty: no command."
    )]
    public string Command { get; set; } = "";

    [Description("The command's first arguments, one element for each argument.")]
    public string[] CommandArguments { get; set; } = [];

    [Description(
        "How long the command may take. After this time, the node ends the command and the attempt has "
            + "failed."
    )]
    [Range("1 s", "7 d")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(10);

    [Description(
        "How many attempts a delivery has before the node gives it up. The wait before the second attempt is "
            + "10 s. The wait doubles with each attempt, up to 5 min."
    )]
    [Range(1, 100)]
    public int Attempts { get; set; } = 10;
}
