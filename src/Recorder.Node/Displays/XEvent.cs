using System.Buffers.Binary;

namespace Recorder.Node.Displays;

/// <summary>An event that an X server sends to a client that watches windows (X Window System Protocol, version 11,
/// appendix B). Pure.</summary>
internal abstract record XEvent
{
    private const byte SentByAClient = 0x80;

    /// <summary>A window was made.</summary>
    /// <param name="Window">The window.</param>
    /// <param name="Unasked">Whether the window will be shown without asking the window manager, as menus, tooltips and
    /// bubbles are.</param>
    internal sealed record Created(uint Window, bool Unasked) : XEvent;

    /// <summary>A window is gone.</summary>
    internal sealed record Destroyed(uint Window) : XEvent;

    /// <summary>A window was mapped.</summary>
    /// <param name="Window">The window.</param>
    /// <param name="Above">The parent window.</param>
    /// <param name="Unasked">As in <see cref="Created"/>.</param>
    internal sealed record Mapped(uint Window, uint Above, bool Unasked) : XEvent;

    /// <summary>A window's owner asks to show the window.</summary>
    internal sealed record ShowWished(uint Window) : XEvent;

    /// <summary>A window's owner asks to move, resize or restack the window.</summary>
    /// <param name="Window">The window.</param>
    /// <param name="Parts">Which of the following values count, by bits in their order.</param>
    /// <param name="X">Left edge.</param>
    /// <param name="Y">Upper edge.</param>
    /// <param name="Width">Width.</param>
    /// <param name="Height">Height.</param>
    /// <param name="Border">Width of the border.</param>
    /// <param name="Sibling">The window that stacking refers to.</param>
    /// <param name="Stacking">0: above; 1: below; and so on.</param>
    internal sealed record ChangeWished(
        uint Window,
        ushort Parts,
        int X,
        int Y,
        int Width,
        int Height,
        int Border,
        uint Sibling,
        uint Stacking
    ) : XEvent;

    /// <summary>A request failed. That is normal with windows that come and go by themselves.</summary>
    /// <param name="Code">The error's number.</param>
    /// <param name="Request">The request's number.</param>
    internal sealed record Failed(int Code, int Request) : XEvent;

    /// <summary>Reads an event of 32 bytes; null when the event is of no interest.</summary>
    public static XEvent? Read(ReadOnlySpan<byte> bytes)
    {
        return (bytes[0] & ~SentByAClient) switch
        {
            0 => new Failed(bytes[1], bytes[10]),
            16 => new Created(Long(bytes, 8), bytes[22] != 0),
            17 => new Destroyed(Long(bytes, 8)),
            19 => new Mapped(Long(bytes, 8), Long(bytes, 4), bytes[12] != 0),
            20 => new ShowWished(Long(bytes, 8)),
            23 => new ChangeWished(
                Long(bytes, 8),
                Short(bytes, 26),
                (short)Short(bytes, 16),
                (short)Short(bytes, 18),
                Short(bytes, 20),
                Short(bytes, 22),
                Short(bytes, 24),
                Long(bytes, 12),
                bytes[1]
            ),
            _ => null,
        };
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
