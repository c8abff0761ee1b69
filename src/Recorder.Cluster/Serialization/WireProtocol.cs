namespace Recorder.Cluster.Serialization;

/// <summary>
/// The protocols of a build: the forms of all messages that leave a process, over the network or into the journal. The
/// number rises by one with the first release whose wire differs from the release before.
/// </summary>
/// <param name="Speaks">The newest protocol that the build writes and reads, from 1.</param>
/// <param name="Understands">The oldest protocol whose nodes the build works with, from 1 to
/// <paramref name="Speaks"/>.</param>
public sealed record WireProtocol(int Speaks, int Understands)
{
    /// <summary>The protocols that these sources implement.</summary>
    internal static WireProtocol OfTheseSources { get; } = new(1, 1);

    /// <summary>The protocols of this build.</summary>
    public static WireProtocol OfThisBuild => WireSetup.OfThisBuild().Build;

    /// <summary>Whether nodes of the two builds form one farm: each understands the protocol that the other
    /// speaks, or a newer one.</summary>
    /// <param name="other">The protocols of the other build.</param>
    public bool Overlaps(WireProtocol other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Understands <= other.Speaks && other.Understands <= Speaks;
    }

    /// <summary>The protocols for people, such as <c>protocol 3 (understands 2)</c>.</summary>
    public override string ToString() =>
        FormattableString.Invariant(
            $"protocol {Speaks}{(Understands == Speaks ? "" : $" (understands {Understands})")}"
        );
}
