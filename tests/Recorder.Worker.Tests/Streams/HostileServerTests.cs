using System.Net;
using System.Net.Sockets;
using Recorder.Harness.Fuzzing;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Streams;

/// <summary>RTMP servers that answer with bytes that no server sends.</summary>
[Trait("ring", "media")]
public sealed class HostileServerTests
{
    private const int Targets = 6;
    private const int Connections = 8;

    [Fact]
    public async Task Whatever_a_server_answers_the_record_is_whole()
    {
        await using HostileServer server = new();
        await using WorkerRun run = new();
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Targets =
                [
                    .. Enumerable
                        .Range(1, Targets)
                        .Select(number => new WorkerTarget($"target-{number}", server.Address, "rtmp://hostile/…")),
                ],
            }
        );

        await server.HasAnsweredAsync(Connections).WaitAsync(TimeSpan.FromSeconds(60));
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
        var probe = await Probe.OfAsync(path);
        Assert.Equal("", probe.Errors);
        Assert.Equal(finished.Duration, probe.Duration, 0.1);
    }

    /// <summary>A server that answers the handshake with bytes near to right ones, and then with anything.</summary>
    private sealed class HostileServer : IAsyncDisposable
    {
        private const int Handshake = 1536;

        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _serving;
        private int _answered;
        private int _wanted = int.MaxValue;

        public HostileServer()
        {
            _listener.Start();
            _serving = ServeAsync();
        }

        public string Address => $"rtmp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/live/key";

        public Task HasAnsweredAsync(int connections)
        {
            _wanted = connections;
            return _enough.Task;
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Dispose();
            await _serving;
            _end.Dispose();
        }

        private async Task ServeAsync()
        {
            List<Task> open = [];
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync(_end.Token);
                    open.Add(AnswerAsync(client, new Random(FuzzSize.Seed + open.Count)));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(open);
            }
        }

        private async Task AnswerAsync(TcpClient client, Random random)
        {
            using var connection = client;
            var stream = client.GetStream();
            var heard = new byte[1 + Handshake];
            try
            {
                await stream.ReadExactlyAsync(heard, _end.Token);

                // Version 3, the server's own random bytes, and the client's back: RTMP 1.0, 5.2.
                var own = new byte[Handshake];
                random.NextBytes(own.AsSpan(8));
                byte[] answer = [3, .. own, .. heard[1..]];
                await stream.WriteAsync(random.Next(3) == 0 ? MutatedBytes.Of(random, answer) : answer, _end.Token);
                var anything = new byte[random.Next(1, 4096)];
                random.NextBytes(anything);

                // The head of a chunk with a message that a client knows: its length and type are right more often.
                var (channel, length, type) = (random.Next(2, 8), random.Next(64), random.Next(1, 21));
                byte[] chunk = [(byte)channel, 0, 0, 0, 0, 0, (byte)length, (byte)type, 0, 0, 0, 0];
                await stream.WriteAsync((byte[])[.. chunk, .. anything], _end.Token);
                while (random.Next(3) > 0 && await stream.ReadAsync(heard, _end.Token) > 0) { }
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // The client has hung up, which is its right.
            }
            if (Interlocked.Increment(ref _answered) >= Volatile.Read(ref _wanted))
            {
                _enough.TrySetResult();
            }
        }
    }
}
