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
        "How long the command may take. After this time, the node ends the command and the attempt has " + "failed."
    )]
    [Range("1 s", "7 d")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(10);

    [Description(
        "The most attempts of a delivery before the node gives it up; 0: as many as fit into Patience. The wait before "
            + "the second attempt is 5 s. The wait doubles with each attempt, up to 1 h."
    )]
    [Range(0, 100)]
    public int Attempts { get; set; }

    [Description("How long a delivery is tried before it counts as failed, from its first attempt on.")]
    [Range("1 min", "365 d")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromDays(7);

    [Description(
        "How long the node of a growing record may be away before another node completes the object of the parts that "
            + "were sent while the record grew (WhileRecording of a destination)."
    )]
    [Range("10 s", "7 d")]
    public TimeSpan CompleteAfter { get; set; } = TimeSpan.FromMinutes(5);

    [Description("The names of the destinations of every record whose start names none, one element for each name.")]
    public string[] Default { get; set; } = [];

    [Description("How many deliveries are under way at once on this node. The others wait.")]
    [Range(1, 16)]
    public int AtOnce { get; set; } = 2;

    [Description(
        "How many growing records are sent at once on this node (WhileRecording of a destination). The others wait until "
            + "one of them is closed. Each takes a process of its own."
    )]
    [Range(1, 64)]
    public int GrowingAtOnce { get; set; } = 16;

    [Description(
        "The most bytes a second that all deliveries of this node send together; 0 B: no limit. Each of the AtOnce "
            + "deliveries and each growing record gets its share. The command of Delivery:Command is not held back."
    )]
    [Range("0 B", "100 GB")]
    public ByteSize Bandwidth { get; set; }
}
