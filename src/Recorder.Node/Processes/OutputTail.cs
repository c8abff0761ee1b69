using System.Buffers;
using System.Text;

namespace Recorder.Node.Processes;

/// <summary>
/// The end of what a process wrote to its standard output and standard error. The size is fixed, so a process that
/// writes a gigabyte costs no memory, and its output is read as fast as it comes. Safe to use from several threads.
/// </summary>
internal sealed class OutputTail
{
    /// <summary>The most that is kept, in bytes of UTF-8.</summary>
    public const int MostBytes = 4096;

    /// <summary>The most lines that are told.</summary>
    public const int MostLines = 20;

    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[MostBytes];
    private long _written;

    /// <summary>
    /// The last lines, parted by line feeds; null where nothing was written. A line that begins before what is kept is
    /// cut at its front. Control characters are shown as question marks, and so is what is no UTF-8.
    /// </summary>
    public string? Text
    {
        get
        {
            byte[] kept;
            bool cut;
            lock (_lock)
            {
                cut = _written > MostBytes;
                var end = (int)(_written % MostBytes);
                kept = cut ? [.. _ring.AsSpan(end), .. _ring.AsSpan(0, end)] : _ring[..(int)_written];
            }

            // A character whose first bytes are lost is no character.
            var begin = 0;
            while (cut && begin < kept.Length && (kept[begin] & 0xC0) == 0x80)
            {
                begin++;
            }
            var text = Encoding.UTF8.GetString(kept.AsSpan(begin)).ReplaceLineEndings("\n").TrimEnd('\n');
            var lines = text.Split('\n');
            var told = string.Join('\n', lines.TakeLast(MostLines).Select(line => string.Concat(line.Select(Shown))));
            return told.Length > 0 ? told : null;
        }
    }

    /// <summary>Reads a pipe to its end.</summary>
    /// <param name="pipe">The pipe; it is closed at the end.</param>
    public async Task ReadAsync(Stream pipe)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(64 * 1024);
        await using var _ = pipe;
        try
        {
            int count;
            while ((count = await pipe.ReadAsync(chunk)) > 0)
            {
                Add(chunk.AsSpan(0, count));
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // A broken pipe is the end of it, too.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Takes what was written.</summary>
    public void Add(ReadOnlySpan<byte> written)
    {
        lock (_lock)
        {
            _written += written.Length;
            var kept = written[^Math.Min(written.Length, MostBytes)..];
            var at = (int)((_written - kept.Length) % MostBytes);
            var first = Math.Min(kept.Length, MostBytes - at);
            kept[..first].CopyTo(_ring.AsSpan(at));
            kept[first..].CopyTo(_ring);
        }
    }

    private static char Shown(char character) =>
        character == '\t' ? ' '
        : char.IsControl(character) || character == '\uFFFD' ? '?'
        : character;
}
