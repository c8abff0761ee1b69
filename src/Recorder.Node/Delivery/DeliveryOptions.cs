using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Delivery;

/// <summary>The destinations of closed records: section <c>Delivery</c> of the configuration.</summary>
[Description("Where records go when they are closed. The same on every node of a farm.")]
internal sealed class DeliveryOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Delivery";

    [Description(
        "The absolute path of a command that is run for each closed record, as the node's user and without a shell. Its last two arguments are the "
            + "paths of the record and of the record's manifest. Empty: none."
    )]
    public string Command { get; set; } = "";

    [Description("The command's first arguments, one element an argument.")]
    public string[] CommandArguments { get; set; } = [];

    [Description("How long the command may take. Then the command is ended, and the attempt has failed.")]
    [Range("1 s", "7 d")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(10);

    [Description(
        "How many attempts a delivery has before it is given up. The wait between two attempts is 10 s at first and doubles up to 5 min."
    )]
    [Range(1, 100)]
    public int Attempts { get; set; } = 10;
}
