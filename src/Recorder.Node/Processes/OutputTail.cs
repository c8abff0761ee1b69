using System.Buffers;
using System.Text;

namespace Recorder.Node.Processes;

/// <summary>
/// The end of a process's standard output and standard error. The size is fixed, so a process that writes a gigabyte
/// costs no memory, and the output is read as fast as it arrives. Safe to use from several threads.
/// </summary>
internal sealed class OutputTail
{
    /// <summary>The size of the kept output, in bytes of UTF-8.</summary>
    public const int MostBytes = 4096;

    /// <summary>The most lines that <see cref="Text"/> returns.</summary>
    public const int MostLines = 20;

    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[MostBytes];
    private long _written;

    /// <summary>
    /// The last lines, separated by line feeds; null when nothing was written. The first line is cut at its front when
    /// its beginning is no longer kept. Control characters and invalid UTF-8 are shown as question marks.
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

            // Skip the rest of a character whose first bytes are lost.
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
            // A broken pipe counts as the end of the output.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Adds written bytes.</summary>
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
