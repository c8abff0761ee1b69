using System.Collections.Immutable;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>The parts of a growing record that a destination has confirmed: all that another node needs to make an
/// object of them.</summary>
/// <param name="Key">The object's key.</param>
/// <param name="UploadId">The destination's id of the upload.</param>
/// <param name="PartSize">The length of each part, in bytes.</param>
/// <param name="Tags">The names that the destination gave the parts, in their order.</param>
public sealed record GrownParts(string Key, string UploadId, int PartSize, ImmutableList<string> Tags)
{
    /// <inheritdoc/>
    public bool Equals(GrownParts? other) =>
        other is not null
        && (Key, UploadId, PartSize) == (other.Key, other.UploadId, other.PartSize)
        && Tags.SequenceEqual(other.Tags);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, UploadId, PartSize, Tags.Count);
}

/// <summary>The parts of a growing record at one of its destinations.</summary>
/// <param name="To">The name of the destination.</param>
/// <param name="Parts">The confirmed parts.</param>
/// <param name="At">When the newest part was confirmed.</param>
internal sealed record GrownUpload(string To, GrownParts Parts, DateTimeOffset At);
