using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>The kinds of destinations, besides the command of <c>Delivery:Command</c>.</summary>
internal enum DestinationKind
{
    /// <summary>A folder that the node's host has mounted.</summary>
    Folder,
}

/// <summary>One destination of records: an entry of <c>Destinations</c> in the configuration.</summary>
internal sealed class DestinationOptions
{
    [Description("What the destination is.")]
    public DestinationKind? Kind { get; set; }

    [Description(
        "The template of the names of records at the destination. Placeholders: {record}, {session}, {n}, {date}, "
            + "{time}, {name}, {page.host}, {ext}. Slashes make folders. A template that does not end with {record} or "
            + "{session}-{n} gets both ids at its end, so that no record replaces another one."
    )]
    public string Name { get; set; } = "{record}.{ext}";

    [Description("What goes there, separated by commas: record, manifest.")]
    public string What { get; set; } = "record, manifest";

    [Description("folder: the absolute path of the folder. The folder must exist.")]
    public string Path { get; set; } = "";

    [Description(
        "The most bytes a second that one transfer to this destination sends; 0 B: no limit besides Delivery:Bandwidth."
    )]
    [Range("0 B", "100 GB")]
    public ByteSize Bandwidth { get; set; }

    [Description("How long a transfer may stand still before the attempt has failed.")]
    [Range("1 s", "1 h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);
}
