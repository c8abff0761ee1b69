namespace Recorder.ReferencePages;

/// <summary>Reads <see cref="FrameBarcode"/> and the flash row out of every frame of a file.</summary>
internal static class BarcodeReader
{
    /// <summary>Pixels a side of each cell after scaling; only its middle is read, so neighbours may bleed
    /// in.</summary>
    private const int CellSize = 8;

    private const int Width = FrameBarcode.Cells * CellSize;

    /// <summary>Bytes of a picture behind <see cref="Filters"/>.</summary>
    public const int PictureBytes = Width * 2 * CellSize;

    /// <summary>The filters that make of a picture what <see cref="NumberOf"/> reads.</summary>
    public static string Filters(PictureRegion region) =>
        $"{region.Top(2.0 / FrameBarcode.RowsPerPicture).CropFilter},scale={Width}:{2 * CellSize}:flags=area,format=gray";

    /// <summary>The number of a picture behind <see cref="Filters"/>; null where it is not readable.</summary>
    public static int? NumberOf(ReadOnlySpan<byte> pixels) => ReadFrame(pixels).Number;

    public static async Task<FrameNumberTrack> ReadAsync(
        string path,
        PictureRegion region,
        CancellationToken cancellationToken
    )
    {
        var read = new List<(int? Number, bool? Flash)>();
        var times = await VideoFrames.VisitGrayAsync(
            path,
            region.Top(2.0 / FrameBarcode.RowsPerPicture),
            Width,
            2 * CellSize,
            (_, pixels) => read.Add(ReadFrame(pixels)),
            cancellationToken
        );
        return new FrameNumberTrack([
            .. times.Zip(read, (time, frame) => new NumberedFrame(time, frame.Number, frame.Flash)),
        ]);
    }

    private static (int? Number, bool? Flash) ReadFrame(ReadOnlySpan<byte> pixels)
    {
        Span<double> cells = stackalloc double[FrameBarcode.Cells];
        double flash = 0;
        for (var i = 0; i < FrameBarcode.Cells; i++)
        {
            cells[i] = MiddleOf(pixels, i, row: 0);
            flash += MiddleOf(pixels, i, row: 1) / FrameBarcode.Cells;
        }

        if (FrameBarcode.Levels(cells) is not { } levels)
        {
            return (null, null);
        }
        return (FrameBarcode.Decode(cells), flash > (levels.Black + levels.White) / 2);
    }

    private static double MiddleOf(ReadOnlySpan<byte> pixels, int cell, int row)
    {
        const int margin = CellSize / 4;
        var sum = 0;
        for (var y = margin; y < CellSize - margin; y++)
        {
            for (var x = margin; x < CellSize - margin; x++)
            {
                sum += pixels[(row * CellSize + y) * Width + cell * CellSize + x];
            }
        }

        return sum / (double)((CellSize - 2 * margin) * (CellSize - 2 * margin));
    }
}
