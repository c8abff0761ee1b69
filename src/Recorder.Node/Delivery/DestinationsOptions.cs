using System.ComponentModel;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery;

/// <summary>The destinations by their names: section <c>Destinations</c> of the configuration.</summary>
internal sealed class DestinationsOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Destinations";

    [Description(
        "The destinations of records, each under a name of lower-case letters, digits and hyphens. Every node of a farm "
            + "needs the same values."
    )]
    public IDictionary<string, DestinationOptions> Destinations { get; } =
        new Dictionary<string, DestinationOptions>(StringComparer.Ordinal);
}
