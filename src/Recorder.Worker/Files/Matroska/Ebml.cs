namespace Recorder.Worker.Files.Matroska;

/// <summary>Heads of EBML elements (RFC 8794).</summary>
internal static class Ebml
{
    /// <summary>Reads the head of an element. A length of -1 means that the length is not known yet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out uint id, out int header, out long length)
    {
        (id, header, length) = (0, 0, 0);
        if (bytes.IsEmpty || bytes[0] < 0x10)
        {
            return false;
        }

        var idLength = LengthOf(bytes[0]);
        if (bytes.Length <= idLength || bytes[idLength] == 0)
        {
            return false;
        }

        var sizeLength = LengthOf(bytes[idLength]);
        if (bytes.Length < idLength + sizeLength)
        {
            return false;
        }

        for (var i = 0; i < idLength; i++)
        {
            id = (id << 8) | bytes[i];
        }

        length = bytes[idLength] & ((1 << (8 - sizeLength)) - 1);
        var unknown = length == (1 << (8 - sizeLength)) - 1;
        for (var i = 1; i < sizeLength; i++)
        {
            unknown &= bytes[idLength + i] == 0xFF;
            length = (length << 8) | bytes[idLength + i];
        }

        length = unknown ? -1 : length;
        header = idLength + sizeLength;
        return true;
    }

    private static int LengthOf(byte first) => System.Numerics.BitOperations.LeadingZeroCount((uint)first) - 23;
}
