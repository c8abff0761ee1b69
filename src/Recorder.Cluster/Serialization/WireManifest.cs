using System.Globalization;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// What stands beside a payload, on the wire and in the journal: the wire name, and behind <c>;needs=</c> the least
/// protocol of a reader where that is not the first one, such as <c>session/start:1;needs=2</c>. Pure.
/// </summary>
/// <param name="Name">The wire name.</param>
/// <param name="Needs">The least protocol of a reader, from 1.</param>
internal sealed record WireManifest(string Name, int Needs)
{
    private const string Mark = ";needs=";

    /// <summary>Reads a manifest. A mark that is no number is a mark of a build to come, and needs more than any build
    /// has.</summary>
    /// <param name="manifest">The text.</param>
    public static WireManifest Read(string manifest)
    {
        var mark = manifest.IndexOf(';', StringComparison.Ordinal);
        if (mark < 0)
        {
            return new WireManifest(manifest, 1);
        }
        var needs =
            manifest.AsSpan(mark).StartsWith(Mark, StringComparison.Ordinal)
            && int.TryParse(
                manifest.AsSpan(mark + Mark.Length),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var told
            )
                ? told
                : int.MaxValue;
        return new WireManifest(manifest[..mark], needs);
    }

    /// <summary>The manifest as it stands beside the payload.</summary>
    public override string ToString() =>
        Needs > 1 ? string.Create(CultureInfo.InvariantCulture, $"{Name}{Mark}{Needs}") : Name;
}
