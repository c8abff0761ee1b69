using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Seals the bytes of one stream of a record: nobody without the key reads a byte, or changes, repeats or leaves out a
/// frame. AES-256-GCM over frames that are 32 times as long as those of TLS, so that a gigabyte costs half the time of
/// the processor. The key is random, is good for one stream in one direction, and came by an encrypted message. A
/// frame's number is its nonce, so no nonce is used twice with one key. Both ends know the length of the stream, so a
/// stream that ends too early is seen. Not for two threads at once.
/// </summary>
/// <param name="key">The key, of <see cref="KeyBytes"/> bytes.</param>
public sealed class RecordSeal(byte[] key) : IDisposable
{
    /// <summary>By how many bytes a sealed frame is longer.</summary>
    public const int TagBytes = 16;

    /// <summary>The bytes of each frame but the last, before they are sealed. A sealed frame fills an array of a pool.
    /// Each frame wakes some threads, so shorter frames cost more.</summary>
    public const int FrameBytes = (512 << 10) - TagBytes;

    /// <summary>The length of a key.</summary>
    public const int KeyBytes = 32;

    /// <summary>The most bytes of one stream: what TLS 1.3 too allows for one key of AES-GCM, rounded down.</summary>
    public const long MostBytes = 256L << 30;

    private readonly AesGcm _cipher = new(key, TagBytes);
    private readonly byte[] _nonce = new byte[12];
    private ulong _number;

    /// <summary>A new key.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyBytes);

    /// <summary>Seals the next frame in its place.</summary>
    /// <param name="buffer">Begins with the frame, and has room for <see cref="TagBytes"/> behind the frame.</param>
    /// <param name="length">The length of the frame, at most <see cref="FrameBytes"/>.</param>
    /// <returns>The length of the sealed frame.</returns>
    public int Close(Span<byte> buffer, int length)
    {
        _cipher.Encrypt(Next(), buffer[..length], buffer[..length], buffer.Slice(length, TagBytes));
        return length + TagBytes;
    }

    /// <summary>Opens the next frame.</summary>
    /// <param name="frame">The sealed frame.</param>
    /// <param name="into">Takes the bytes; zeros when the frame is refused.</param>
    /// <returns>Whether the frame is the one that was sealed. After a refusal nothing more can be opened.</returns>
    public bool TryOpen(ReadOnlySpan<byte> frame, Span<byte> into)
    {
        if (frame.Length <= TagBytes)
        {
            return false;
        }
        var length = frame.Length - TagBytes;
        try
        {
            _cipher.Decrypt(Next(), frame[..length], frame[length..], into[..length]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private byte[] Next()
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_nonce, _number++);
        return _nonce;
    }
}
