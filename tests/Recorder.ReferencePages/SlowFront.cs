using System.Text;

namespace Recorder.ReferencePages;

/// <summary>
/// In front of an RTMP server of the loopback address: what the client says goes on at once; what the server says is
/// kept back for a time, once in each connection, from the first piece on in which certain words stand. So a server is
/// made slow to answer at whatever step.
/// </summary>
public sealed class SlowFront : LoopbackFront
{
    private readonly byte[] _words;
    private readonly int _nth;
    private readonly TimeSpan _delay;

    /// <summary>Takes connections from now on.</summary>
    /// <param name="behind">The server's port.</param>
    /// <param name="words">The words of its answer, in ASCII; none: its first bytes, which are the handshake.</param>
    /// <param name="nth">In how many pieces they have to stand, from 1.</param>
    /// <param name="delay">For how long the answer is kept back.</param>
    public SlowFront(int behind, string words, int nth, TimeSpan delay)
        : base(behind)
    {
        this._words = Encoding.ASCII.GetBytes(words);
        this._nth = nth;
        this._delay = delay;
        Begin();
    }

    /// <inheritdoc/>
    protected override async Task AnswerAsync(Stream server, Stream client, CancellationToken cancelled)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(client);
        var buffer = new byte[64 << 10];
        var met = 0;
        while (await server.ReadAsync(buffer, cancelled) is > 0 and var count)
        {
            if (buffer.AsSpan(0, count).IndexOf(_words) >= 0 && ++met == _nth)
            {
                await Task.Delay(_delay, cancelled);
            }

            await client.WriteAsync(buffer.AsMemory(0, count), cancelled);
        }
    }
}
