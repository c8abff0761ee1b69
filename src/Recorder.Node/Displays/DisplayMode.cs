using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Node.Displays;

/// <summary>
/// A RandR mode whose refresh rate is exactly the recording's frame rate, because Chromium paints at the display's
/// rate. A plain Xvfb runs at 60 Hz, which costs twice the CPU and beats against the recording's clock.
/// </summary>
/// <param name="Width">Pixels per line.</param>
/// <param name="Height">Lines.</param>
/// <param name="Refresh">Refresh rate in Hz.</param>
internal sealed record DisplayMode(int Width, int Height, int Refresh)
{
    /// <summary>The lowest refresh rate, in Hz. A page at a lower rate is slow to load, so a slower recording gets a
    /// multiple of its rate.</summary>
    private const int LowestRefresh = 10;

    private const int HorizontalBlank = 32;
    private const int VerticalBlank = 8;

    /// <summary>The mode of a recording.</summary>
    public static DisplayMode For(int width, int height, int framerate) =>
        new(width, height, framerate * ((LowestRefresh + framerate - 1) / framerate));

    /// <summary>The name under which the mode is added.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}r{Refresh}");

    /// <summary>Pixel clock in Hz. With these totals, the refresh rate is clock / (htotal × vtotal) without a
    /// remainder.</summary>
    public long PixelClock => (long)(Width + HorizontalBlank) * (Height + VerticalBlank) * Refresh;

    /// <summary>Arguments of the three xrandr calls that make, add and set the mode; xrandr cannot do all three in one
    /// call.</summary>
    public ImmutableArray<ImmutableArray<string>> RandrCalls =>
        [
            [
                "--newmode",
                Name,
                (PixelClock / 1e6m).ToString("0.000000", CultureInfo.InvariantCulture),
                Text(Width),
                Text(Width + 8),
                Text(Width + 16),
                Text(Width + HorizontalBlank),
                Text(Height),
                Text(Height + 1),
                Text(Height + 4),
                Text(Height + VerticalBlank),
            ],
            ["--addmode", Output, Name],
            ["--output", Output, "--mode", Name],
        ];

    /// <summary>Whether xrandr's listing says that this mode is set: the mode's line ends the rate with a
    /// star.</summary>
    public bool IsSetIn(string listing) =>
        listing
            .Split('\n')
            .Any(line =>
            {
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return words.Length >= 2
                    && words[0] == Name
                    && words[1].TrimEnd('+').TrimEnd('*') == Refresh.ToString("0.00", CultureInfo.InvariantCulture)
                    && words[1].Contains('*', StringComparison.Ordinal);
            });

    /// <summary>Xvfb's only output.</summary>
    private const string Output = "screen";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
