namespace Recorder.Worker.Picture;

/// <summary>The colours of the converted picture, as GStreamer writes them: range:matrix:transfer:primaries.</summary>
/// <remarks>
/// The range is 16–235. Transfer and primaries are those of BT.709, which are the browser's sRGB. The matrix is what
/// players take for a picture without tags: BT.709 from 720 lines up, BT.601 below. So a player that goes by the size
/// shows the same colours as a player that reads the tags.
/// </remarks>
internal static class PictureColours
{
    /// <summary>The fewest lines of a picture with the matrix of BT.709.</summary>
    public const int LinesOfHighDefinition = 720;

    private const string Standard = "2:4:5:1";
    private const string High = "2:3:5:1";

    /// <summary>Whether a picture with this number of lines has the matrix of BT.709.</summary>
    public static bool IsHighDefinition(int height) => height >= LinesOfHighDefinition;

    /// <summary>The colour tag of a picture with this number of lines.</summary>
    public static string Of(int height) => IsHighDefinition(height) ? High : Standard;
}
