using System.Globalization;

namespace Recorder.ReferencePages;

/// <summary>A part of the picture in fractions of its width and height, 0–1 from the top left.</summary>
public sealed record PictureRegion(double X, double Y, double Width, double Height)
{
    /// <summary>The whole picture.</summary>
    public static PictureRegion Whole { get; } = new(0, 0, 1, 1);

    /// <summary>
    /// Where <c>/webrtc?peers=3</c> shows a participant: 0 top left, 1 top right, 2 bottom middle. Each region is half
    /// as wide and half as high as the picture. Flash and beep of participant 0 are measured.
    /// </summary>
    public static PictureRegion GridTile(int participant) =>
        participant switch
        {
            0 => new(0, 0, 0.5, 0.5),
            1 => new(0.5, 0, 0.5, 0.5),
            2 => new(0.25, 0.5, 0.5, 0.5),
            _ => throw new ArgumentOutOfRangeException(
                nameof(participant),
                participant,
                "The grid shows participants 0, 1 and 2."
            ),
        };

    /// <summary>The upper part of this region, as a fraction of its height.</summary>
    internal PictureRegion Top(double fraction) => this with { Height = Height * fraction };

    /// <summary>ffmpeg's crop filter for this region.</summary>
    internal string CropFilter =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"crop=iw*{Width:0.######}:ih*{Height:0.######}:iw*{X:0.######}:ih*{Y:0.######}"
        );
}
