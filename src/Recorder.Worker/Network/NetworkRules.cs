using System.Collections.Immutable;

namespace Recorder.Worker.Network;

/// <summary>What an operator says about the addresses that others name. Travels to processes of the node.</summary>
/// <param name="Allow">The entries of <c>Network:Allow</c>.</param>
/// <param name="Deny">The entries of <c>Network:Deny</c>, which win.</param>
/// <param name="Private">Whether private networks may be reached (<c>Network:Private</c>).</param>
public sealed record NetworkRules(ImmutableList<string> Allow, ImmutableList<string> Deny, bool Private)
{
    /// <summary>Nothing beside the public internet.</summary>
    public static NetworkRules None { get; } = new([], [], Private: false);
}
