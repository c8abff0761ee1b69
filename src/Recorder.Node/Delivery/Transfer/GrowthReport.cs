using System.Text.Json;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>A part of a growing record that the destination has confirmed: a line of the process's standard output, so
/// that the farm knows of the part when the host and its disk are lost.</summary>
/// <param name="Key">The object's key.</param>
/// <param name="UploadId">The destination's id of the upload.</param>
/// <param name="PartSize">The length of a part, in bytes.</param>
/// <param name="Number">The number of the part, from 1. A number that was told before is told again when its bytes have
/// changed.</param>
/// <param name="Tag">The name that the destination gave the part.</param>
internal sealed record GrowthReport(string Key, string UploadId, int PartSize, int Number, string Tag)
{
    /// <summary>What the line begins with.</summary>
    private const string Mark = "part ";

    /// <summary>Writes the report as one line.</summary>
    public string ToLine() => Mark + JsonSerializer.Serialize(this, TransferJson.Options);

    /// <summary>Reads a report; null when the line is none.</summary>
    /// <param name="line">A line of the process.</param>
    public static GrowthReport? Of(string line)
    {
        if (!line.StartsWith(Mark, StringComparison.Ordinal))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<GrowthReport>(line[Mark.Length..], TransferJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
