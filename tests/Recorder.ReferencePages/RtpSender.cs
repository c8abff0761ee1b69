using System.Diagnostics;
using System.Globalization;

namespace Recorder.ReferencePages;

/// <summary>An RTP sender of its own process: ffmpeg sends the reference clip, encoded once before, over and
/// over.</summary>
public sealed class RtpSender : IAsyncDisposable
{
    /// <summary>An encoder of H.264 for <see cref="EncodeAsync"/> that makes B-frames, so that pictures are not sent in
    /// the order they are shown.</summary>
    public const string ReorderingEncoder = "libx264-b";

    private readonly Process _process;
    private readonly Task _output;

    private RtpSender(Process process)
    {
        this._process = process;
        _output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Encodes the clip for sending, or takes what was encoded earlier.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="videoEncoder">ffmpeg's encoder of the picture, such as <c>libvpx</c>, <c>libvpx-vp9</c>,
    /// <c>libx264</c>, or <see cref="ReorderingEncoder"/>.</param>
    /// <returns>A Matroska file with the picture and Opus; a key frame each second.</returns>
    /// <exception cref="InvalidOperationException">ffmpeg failed; the message carries its words.</exception>
    public static async Task<string> EncodeAsync(ReferenceClip clip, string videoEncoder)
    {
        ArgumentNullException.ThrowIfNull(clip);
        var path = $"{clip.Path}.{videoEncoder}.mkv";
        if (File.Exists(path))
        {
            return path;
        }
        var unfinished = $"{path}.{Guid.NewGuid():N}.mkv";
        var rate = clip.Format.FrameRate.ToString(CultureInfo.InvariantCulture);
        string[] encoding = videoEncoder switch
        {
            "libx264" => ["-c:v", "copy"],
            ReorderingEncoder =>
            [
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-b:v",
                "1500k",
                "-g",
                rate,
                "-bf",
                "3",
                "-x264-params",
                "b-adapt=0:b-pyramid=normal:scenecut=0",
            ],
            _ =>
            [
                "-c:v",
                videoEncoder,
                "-deadline",
                "realtime",
                "-cpu-used",
                "8",
                "-b:v",
                "1500k",
                "-g",
                rate,
                "-keyint_min",
                rate,
                "-auto-alt-ref",
                "0",
                "-lag-in-frames",
                "0",
            ],
        };
        var result = await MediaTool.RunAsync(
            "ffmpeg",
            ["-y", "-v", "error", "-i", clip.Path, .. encoding, "-c:a", "libopus", "-b:a", "96k", unfinished]
        );
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"ffmpeg could not encode {path}: {result.LastErrorLines}");
        }
        File.Move(unfinished, path, overwrite: true);
        return path;
    }

    /// <summary>Sends a file's picture, and its sound where a port for it is given, until disposed of.</summary>
    public static RtpSender Send(
        string path,
        int rtpPort,
        int rtcpPort,
        int payloadType = 96,
        int? audioRtpPort = null,
        int? audioRtcpPort = null,
        int audioPayloadType = 111
    )
    {
        // H.264 without a session description: parameter sets must be in the stream.
        string[] inBand = path.Contains("libx264", StringComparison.Ordinal) ? ["-bsf:v", "h264_mp4toannexb"] : [];
        List<string> arguments =
        [
            "-nostdin",
            "-v",
            "error",
            "-re",
            "-stream_loop",
            "-1",
            "-i",
            path,
            // ffmpeg calls VP9 in RTP experimental.
            "-map",
            "0:v",
            "-c",
            "copy",
            .. inBand,
            "-strict",
            "experimental",
            "-cname",
            "reference",
            "-payload_type",
            Text(payloadType),
            "-f",
            "rtp",
            Address(rtpPort, rtcpPort),
        ];
        if (audioRtpPort is { } port)
        {
            arguments.AddRange([
                "-map",
                "0:a",
                "-c",
                "copy",
                "-cname",
                "reference",
                "-payload_type",
                Text(audioPayloadType),
                "-f",
                "rtp",
                Address(port, audioRtcpPort!.Value),
            ]);
        }
        return Start("ffmpeg", arguments);
    }

    /// <summary>Sends a file's sound alone until disposed of.</summary>
    public static RtpSender SendSound(string path, int rtpPort, int rtcpPort, int payloadType = 111) =>
        Start(
            "ffmpeg",
            [
                "-nostdin",
                "-v",
                "error",
                "-re",
                "-stream_loop",
                "-1",
                "-i",
                path,
                "-map",
                "0:a",
                "-c",
                "copy",
                "-cname",
                "reference",
                "-payload_type",
                Text(payloadType),
                "-f",
                "rtp",
                Address(rtpPort, rtcpPort),
            ]
        );

    /// <summary>
    /// Sends VP8 by GStreamer with a key frame every minute and whenever the receiver asks for one by RTCP. The sender
    /// has sent for as long as its process runs: a receiver that comes later has missed its first key frame.
    /// </summary>
    /// <param name="rtpPort">The receiver's port.</param>
    /// <param name="ownPort">The sender's own port; RTCP is heard on the one above.</param>
    public static RtpSender SendWithRareKeyFrames(int rtpPort, int ownPort) =>
        Start(
            "gst-launch-1.0",
            [
                "-q",
                "rtpbin",
                "name=bin",
                "rtp-profile=avpf",
                "videotestsrc",
                "is-live=true",
                "!",
                "video/x-raw,width=320,height=180,framerate=15/1",
                "!",
                "vp8enc",
                "deadline=1",
                "cpu-used=8",
                "keyframe-max-dist=900",
                "target-bitrate=300000",
                "!",
                "rtpvp8pay",
                "pt=96",
                "!",
                "application/x-rtp,rtcp-fb-nack-pli=(boolean)true,rtcp-fb-ccm-fir=(boolean)true",
                "!",
                "bin.send_rtp_sink_0",
                "bin.send_rtp_src_0",
                "!",
                "udpsink",
                "host=127.0.0.1",
                $"port={Text(rtpPort)}",
                $"bind-port={Text(ownPort)}",
                "sync=false",
                "bin.send_rtcp_src_0",
                "!",
                "fakesink",
                "sync=false",
                "async=false",
                "udpsrc",
                "address=127.0.0.1",
                $"port={Text(ownPort + 1)}",
                "!",
                "bin.recv_rtcp_sink_0",
            ]
        );

    /// <summary>
    /// Sends the reference clip once by GStreamer, which encodes VP8 meanwhile. A key frame comes at the start, and
    /// whenever the receiver asks for a key frame by RTCP.
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="rtpPort">The receiver's port.</param>
    /// <param name="ownRtcpPort">Where the sender hears RTCP.</param>
    public static RtpSender SendWithAskedKeyFrames(ReferenceClip clip, int rtpPort, int ownRtcpPort)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return Start(
            "gst-launch-1.0",
            [
                "-q",
                "rtpbin",
                "name=bin",
                "rtp-profile=avpf",
                "filesrc",
                $"location={clip.Path}",
                "!",
                "qtdemux",
                "!",
                "h264parse",
                "!",
                "avdec_h264",
                "!",
                "videoconvert",
                "!",
                "vp8enc",
                "deadline=1",
                "cpu-used=8",
                "keyframe-max-dist=9999",
                "target-bitrate=900000",
                "!",
                "rtpvp8pay",
                "pt=96",
                "mtu=1200",
                "!",
                "application/x-rtp,rtcp-fb-nack-pli=(boolean)true,rtcp-fb-ccm-fir=(boolean)true",
                "!",
                "bin.send_rtp_sink_0",
                "bin.send_rtp_src_0",
                "!",
                "udpsink",
                "host=127.0.0.1",
                $"port={Text(rtpPort)}",
                "sync=true",
                "async=false",
                "bin.send_rtcp_src_0",
                "!",
                "fakesink",
                "sync=false",
                "async=false",
                "udpsrc",
                "address=127.0.0.1",
                $"port={Text(ownRtcpPort)}",
                "!",
                "bin.recv_rtcp_sink_0",
            ]
        );
    }

    /// <summary>
    /// Sends files of one codec, one after another, as one sender with one source. A sender that changes the size of
    /// its picture does the same.
    /// </summary>
    /// <param name="paths">What <see cref="EncodeAsync"/> made; the picture only.</param>
    /// <param name="rtpPort">The receiver's port for RTP.</param>
    /// <param name="rtcpPort">The receiver's port for RTCP.</param>
    public static async Task<RtpSender> SendInTurnAsync(IReadOnlyList<string> paths, int rtpPort, int rtcpPort)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var list = $"{paths[0]}.in-turn.txt";
        await File.WriteAllLinesAsync(list, paths.Select(path => $"file '{path}'"));
        return Start(
            "ffmpeg",
            [
                "-nostdin",
                "-v",
                "error",
                "-re",
                "-f",
                "concat",
                "-safe",
                "0",
                "-i",
                list,
                "-map",
                "0:v",
                "-c",
                "copy",
                "-payload_type",
                "96",
                "-f",
                "rtp",
                Address(rtpPort, rtcpPort),
            ]
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
        await _output;
        _process.Dispose();
    }

    private static RtpSender Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        return new RtpSender(
            Process.Start(start)
                ?? throw new InvalidOperationException($"{program} could not be started; is it installed?")
        );
    }

    private static string Address(int rtpPort, int rtcpPort) =>
        $"rtp://127.0.0.1:{Text(rtpPort)}?rtcpport={Text(rtcpPort)}&pkt_size=1200";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
