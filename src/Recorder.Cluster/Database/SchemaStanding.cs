namespace Recorder.Cluster.Database;

/// <summary>What a database says of its own form.</summary>
/// <param name="Version">The number of the newest script that has run.</param>
/// <param name="LeastReader">The least protocol that a build must speak to understand all that is in the
/// database.</param>
/// <param name="Build">The version of the build that raised <paramref name="LeastReader"/>.</param>
internal sealed record SchemaStanding(int Version, int LeastReader, string Build)
{
    /// <summary>Why a build must not use the database; null when the build may.</summary>
    /// <param name="place">The database, for people.</param>
    /// <param name="reader">The protocol that the build speaks.</param>
    /// <param name="version">The build's version.</param>
    public string? WhyRefused(string place, int reader, string version) =>
        LeastReader <= reader
            ? null
            : $"The database {place} holds what only Recorder {Build} or newer understands (protocol {LeastReader}), and this is {version} (protocol {reader}). Start that version, or give this node another database.";
}
