using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Recorder.Worker.Tests.Loop;

/// <summary>What ffprobe sees in a file, and what ffmpeg complains about when it decodes all of it. A duration the file
/// does not tell is not a number.</summary>
internal sealed record Probe(
    double Duration,
    double Start,
    IReadOnlyDictionary<string, string> Video,
    IReadOnlyDictionary<string, string> Sound,
    string Errors
)
{
    public static async Task<Probe> OfAsync(string path)
    {
        (var text, var complaint) = await RunAsync(
            "ffprobe",
            "-v",
            "error",
            "-show_format",
            "-show_streams",
            "-count_frames",
            "-of",
            "json",
            path
        );
        (_, var errors) = await RunAsync("ffmpeg", "-v", "error", "-i", path, "-f", "null", "-");
        using var document = JsonDocument.Parse(text);
        if (!document.RootElement.TryGetProperty("format", out var format))
        {
            throw new InvalidDataException(
                $"ffprobe cannot read {path}, {new FileInfo(path).Length} bytes: {complaint} {Convert.ToHexString(File.ReadAllBytes(path).AsSpan(0, 64))}"
            );
        }
        return new Probe(
            format.TryGetProperty("duration", out var duration) ? Number(duration) : double.NaN,
            Number(format.GetProperty("start_time")),
            Stream(document, "video"),
            Stream(document, "audio"),
            errors
        );
    }

    /// <summary>What is in a file without sound, and what ffmpeg complains about when it decodes it.</summary>
    public static async Task<(IReadOnlyDictionary<string, string> Video, string Errors)> PictureAsync(string path)
    {
        (var text, _) = await RunAsync("ffprobe", "-v", "error", "-show_streams", "-of", "json", path);
        (_, var errors) = await RunAsync("ffmpeg", "-v", "error", "-i", path, "-f", "null", "-");
        using var document = JsonDocument.Parse(text);
        return (Stream(document, "video"), errors);
    }

    /// <summary>What ffmpeg complains about when it decodes a file.</summary>
    public static async Task<string> ErrorsAsync(string path) =>
        (await RunAsync("ffmpeg", "-v", "error", "-i", path, "-f", "null", "-")).Errors;

    /// <summary>The presentation times of a track's packets in seconds, in order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="track"><c>v</c> or <c>a</c>.</param>
    public static async Task<IReadOnlyList<double>> TimesAsync(string path, string track)
    {
        (var text, _) = await RunAsync(
            "ffprobe",
            "-v",
            "error",
            "-select_streams",
            track,
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            path
        );
        return
        [
            .. text.Split((char[])['\n', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(time => double.Parse(time, CultureInfo.InvariantCulture))
                .Order(),
        ];
    }

    /// <summary>The times of a file's key frames in seconds, in order.</summary>
    public static async Task<IReadOnlyList<double>> KeyFrameTimesAsync(string path)
    {
        (var text, _) = await RunAsync(
            "ffprobe",
            "-v",
            "error",
            "-select_streams",
            "v:0",
            "-show_entries",
            "packet=pts_time,flags",
            "-of",
            "csv=p=0",
            path
        );
        return
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(','))
                .Where(packet => packet[1].Contains('K', StringComparison.Ordinal))
                .Select(packet => double.Parse(packet[0], CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>When each picture is shown and decoded, in seconds, in the order of the file.</summary>
    public static async Task<IReadOnlyList<(double Shown, double Decoded)>> PacketsAsync(string path)
    {
        (var text, _) = await RunAsync(
            "ffprobe",
            "-v",
            "error",
            "-select_streams",
            "v",
            "-show_entries",
            "packet=pts_time,dts_time",
            "-of",
            "json",
            path
        );
        using var document = JsonDocument.Parse(text);

        // Matroska tells no decoding times; ffprobe leaves out what it cannot guess.
        return
        [
            .. document
                .RootElement.GetProperty("packets")
                .EnumerateArray()
                .Select(packet =>
                    (
                        Number(packet.GetProperty("pts_time")),
                        packet.TryGetProperty("dts_time", out var decoded) ? Number(decoded) : double.MinValue
                    )
                ),
        ];
    }

    /// <summary>The sizes of the pictures as they are decoded, in order, each as <c>width,height</c> and once for a run
    /// of the same.</summary>
    public static async Task<IReadOnlyList<string>> SizesAsync(string path)
    {
        (var text, _) = await RunAsync(
            "ffprobe",
            "-v",
            "error",
            "-select_streams",
            "v",
            "-show_entries",
            "frame=width,height",
            "-of",
            "csv=p=0",
            path
        );
        List<string> sizes = [];
        foreach (
            var size in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(line => line.TrimEnd(','))
        )
        {
            if (sizes.Count == 0 || sizes[^1] != size)
            {
                sizes.Add(size);
            }
        }

        return sizes;
    }

    private static Dictionary<string, string> Stream(JsonDocument document, string type) =>
        document
            .RootElement.GetProperty("streams")
            .EnumerateArray()
            .Where(stream => stream.GetProperty("codec_type").GetString() == type)
            .SelectMany(stream => stream.EnumerateObject())
            .Where(field => field.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .ToDictionary(field => field.Name, field => field.Value.ToString());

    private static double Number(JsonElement element) =>
        double.Parse(element.GetString()!, CultureInfo.InvariantCulture);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (await output, errors);
    }
}
