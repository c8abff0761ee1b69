namespace Recorder.Node.Pipelines.Picture;

/// <summary>The colours of the converted picture, as GStreamer writes them: range:matrix:transfer:primaries.</summary>
internal static class PictureColours
{
    /// <summary>
    /// 16–235, the BT.601 matrix that libyuv's conversion uses, and transfer and primaries of BT.709, which are those of the
    /// browser's sRGB.
    /// </summary>
    public const string Colorimetry = "2:4:5:1";
}
