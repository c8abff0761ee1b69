using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Recorder.ReferencePages;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Picture;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Recorder.Worker.Streams.Targets;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Tests.Streams;

/// <summary>What a target holds while its server takes nothing: frames come from a pool, which is the bound and shows
/// what was given back.</summary>
[Trait("ring", "media")]
public sealed class StalledTargetTests
{
    [Fact]
    public async Task A_server_that_never_answers_costs_bounded_memory_and_every_frame_is_counted()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        await using Feed feed = new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"rtmp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/live/key"
            )
        );

        await feed.UntilAsync("the target has been tried again", target => target.Retries >= 1);

        Assert.Equal(0, (await feed.CloseAsync()).FramesSent);
    }

    [Fact]
    public async Task A_server_that_freezes_while_it_is_streamed_to_costs_bounded_memory_and_every_frame_is_counted()
    {
        await using var server = await RtmpServer.StartAsync();
        await using Feed feed = new(server.Address("key"));
        await feed.UntilAsync(
            "the server has taken 100 frames",
            target => target is { State: WorkerOutputState.Active, FramesSent: >= 100 }
        );

        server.Freeze();
        var frozen = Stopwatch.GetTimestamp();
        await feed.UntilAsync("the stall was seen and the target is tried again", target => target.Retries >= 1);
        Assert.InRange(Stopwatch.GetElapsedTime(frozen), TimeSpan.Zero, StreamTarget.AcceptanceLimit / 2);
        await feed.UntilAsync(
            "it has been given as much as a stall takes again",
            _ => Stopwatch.GetElapsedTime(frozen) > StreamTarget.BacklogLimit * 3
        );

        Assert.InRange((await feed.CloseAsync()).FramesSent, 100, feed.Offered);
    }

    /// <summary>A target that is given frames of 20 kB, ten times as fast as they play: it stalls soon, and long before
    /// the limits of its connection's own steps.</summary>
    private sealed class Feed : IAsyncDisposable
    {
        private const int Framerate = 25;

        private const int Speed = 10;

        // What may wait for a server that has accepted, 5 s, and as much again five times: a busy machine looks late at
        // what waits.
        private const int Bound = 6 * 5 * Framerate;
        private const int FramesAtOnce = 3;

        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
        private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1000.0 / Framerate / Speed);

        private readonly FramePool _pool = new(new PictureFormat(160, 90), Bound);
        private readonly Caps _video;
        private readonly Caps _audio;
        private readonly StreamTarget _target;

        public Feed(string address)
        {
            Application.Init();
            _video = Caps.FromString(
                "video/x-h264,stream-format=avc,alignment=au,width=160,height=90,framerate=25/1,codec_data=(buffer)0142c01effe1000667420c1e010001000268ce"
            );
            _audio = Caps.FromString(
                "audio/mpeg,mpegversion=4,stream-format=raw,rate=48000,channels=2,codec_data=(buffer)1190"
            );
            _target = new StreamTarget(
                new WorkerTarget("target-1", address, "…"),
                StreamKinds.Of(address),
                new StreamSettings("127.0.0.1", null),
                new KeyFrameRequests(() => { }, TimeProvider.System),
                () => { },
                TimeProvider.System
            );
            _target.Start();
        }

        public long Offered { get; private set; }

        /// <summary>Gives frames until the target is as it should be. Fails as soon as it holds more than the
        /// bound.</summary>
        public async Task UntilAsync(string what, Func<WorkerOutput, bool> reached)
        {
            var begun = Stopwatch.GetTimestamp();
            double owed = 0;
            using PeriodicTimer timer = new(Turn);
            for (var last = begun; !reached(_target.Summary);)
            {
                if (Stopwatch.GetElapsedTime(begun) > Limit)
                {
                    throw new TimeoutException(
                        $"Not within {Limit.TotalSeconds:0} s: {what}. The target: {_target.Summary}"
                    );
                }
                await timer.WaitForNextTickAsync();
                var now = Stopwatch.GetTimestamp();
                owed = Math.Min(owed + (Stopwatch.GetElapsedTime(last, now) / Turn), FramesAtOnce);
                last = now;
                for (; owed >= 1; owed--)
                {
                    Offer();
                }
            }
        }

        /// <summary>Ends the target. Nothing is left of what it was given, and each frame was sent or
        /// dropped.</summary>
        public async Task<WorkerOutput> CloseAsync()
        {
            _target.Close();
            await _target.Closed.WaitAsync(Limit);
            var end = _target.Summary;
            Assert.Equal(WorkerOutputState.Finished, end.State);
            Assert.InRange(end.FramesDropped, 1, Offered);
            Assert.Equal(Offered, end.FramesSent + end.FramesDropped);
            List<Buffer> all = [];
            while (_pool.Take(out _) is { IsNull: false } frame)
            {
                all.Add(frame);
            }
            all.ForEach(frame => frame.Unref());
            Assert.Equal(Bound, all.Count);
            return end;
        }

        public async ValueTask DisposeAsync()
        {
            _target.Close();
            await _target.Closed.WaitAsync(Limit);
            _pool.Dispose();
            _video.Dispose();
            _audio.Dispose();
        }

        private void Offer()
        {
            var picture = _pool.Take(out _);
            Assert.False(
                picture.IsNull,
                $"The target holds {Bound} frames, which are {Bound / Framerate} s: {_target.Summary}"
            );
            Give(EncodedTrack.Video, picture, _video);
            Give(EncodedTrack.Audio, Buffer.NewAllocate(200), _audio);
            Offered++;
        }

        private void Give(EncodedTrack track, Buffer buffer, Caps caps)
        {
            buffer.Pts = (ulong)TickClock.Nanoseconds(Offered, Framerate);
            buffer.Dts = buffer.Pts;
            _target.Take(new EncodedFrame(track, buffer, caps));
            buffer.Unref();
        }
    }
}
