using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>The camera and the microphone that a page gets: black and silent. Chromium's own fake devices show a moving
/// figure and beep, which everybody in a meeting would see and hear.</summary>
internal static class FakeDevices
{
    private const string Folder = "devices";

    private const int Width = 320;

    private const int Height = 180;

    /// <summary>The samples a second of the silent microphone.</summary>
    private const int Rate = 48_000;

    /// <summary>The browser's switches, and the files that they name.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="devices">The devices.</param>
    public static ImmutableArray<string> Make(RunDirectory run, PageDevices devices)
    {
        if (devices == PageDevices.None)
        {
            return [];
        }
        var folder = run.CreateFolder(Folder, new RunFile("black.y4m", Picture()), new RunFile("silence.wav", Silence()));
        var sound = $"--use-file-for-fake-audio-capture={Path.Combine(folder, "silence.wav")}";
        return devices == PageDevices.Fake
            ?
            [
                "--use-fake-device-for-media-stream",
                $"--use-file-for-fake-video-capture={Path.Combine(folder, "black.y4m")}",
                sound,
            ]
            : ["--use-fake-device-for-media-stream=device-count=0", sound];
    }

    /// <summary>The permissions that the page's origin gets, in the words of DevTools.</summary>
    /// <param name="devices">The devices.</param>
    public static string[] PermissionsFor(PageDevices devices) =>
        devices switch
        {
            PageDevices.Fake => ["audioCapture", "videoCapture"],
            PageDevices.Silent => ["audioCapture"],
            _ => [],
        };

    /// <summary>A black picture ten times a second, as YUV4MPEG2, which Chromium plays in a loop.</summary>
    private static byte[] Picture()
    {
        using var file = new MemoryStream();
        file.Write(
            Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"YUV4MPEG2 W{Width} H{Height} F10:1 Ip A1:1 C420jpeg\n")
            )
        );
        for (var frame = 0; frame < 2; frame++)
        {
            file.Write("FRAME\n"u8);
            file.Write(new byte[Width * Height]);
            file.Write(Enumerable.Repeat((byte)128, Width * Height / 2).ToArray());
        }
        return file.ToArray();
    }

    /// <summary>A second of silence, one channel of 16 bits.</summary>
    private static byte[] Silence()
    {
        const int data = Rate * 2;
        var file = new byte[44 + data];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), 36 + data);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), Rate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), Rate * 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), data);
        return file;
    }
}
