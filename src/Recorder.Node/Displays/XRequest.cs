using System.Buffers.Binary;

namespace Recorder.Node.Displays;

/// <summary>
/// The requests of the X Window System Protocol, version 11, appendix B, that are needed to keep a display clear.
/// Little endian. Pure.
/// </summary>
internal static class XRequest
{
    /// <summary>Length in bytes of every event, and of a request that one client sends to another.</summary>
    public const int EventLength = 32;

    private const uint OverrideRedirect = 1 << 9;
    private const uint EventMask = 1 << 11;
    private const ushort AsPlacedAndSized = 0b01_1111;
    private const ushort Stacked = 0b100_0000;
    private const byte ConfigureNotify = 22;
    private const byte ClientMessage = 33;

    /// <summary>Events about the windows directly below a window.</summary>
    public const uint Below = 0x80000;

    /// <summary>A window directly below is not shown, moved or resized; the wish of its owner is reported instead. Only
    /// one client at a time may ask for such events.</summary>
    public const uint WishesBelow = 0x100000;

    /// <summary>Events about a window itself.</summary>
    public const uint Itself = 0x20000;

    /// <summary>The first request, which authenticates the client.</summary>
    /// <param name="method">The name of the authentication method.</param>
    /// <param name="proof">The proof.</param>
    public static byte[] Connect(ReadOnlySpan<byte> method, ReadOnlySpan<byte> proof)
    {
        var request = new byte[12 + Padded(method.Length) + Padded(proof.Length)];
        request[0] = (byte)'l';
        Short(request, 2, 11);
        Short(request, 6, (ushort)method.Length);
        Short(request, 8, (ushort)proof.Length);
        method.CopyTo(request.AsSpan(12));
        proof.CopyTo(request.AsSpan(12 + Padded(method.Length)));
        return request;
    }

    /// <summary>Asks for the number of a name. This request has an answer.</summary>
    public static byte[] InternAtom(ReadOnlySpan<byte> name)
    {
        var request = New(16, 0, 8 + Padded(name.Length));
        Short(request, 4, (ushort)name.Length);
        name.CopyTo(request.AsSpan(8));
        return request;
    }

    /// <summary>Makes a window that is not shown yet, is not placed by a window manager, and reports the windows below
    /// it.</summary>
    /// <param name="window">The window's id.</param>
    /// <param name="parent">The parent window.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="inputOnly">Whether the window takes input and shows nothing; no window can be below such a
    /// window.</param>
    public static byte[] CreateWindow(uint window, uint parent, int width, int height, bool inputOnly)
    {
        var request = New(1, 0, inputOnly ? 36 : 40);
        Long(request, 4, window);
        Long(request, 8, parent);
        Short(request, 16, (ushort)width);
        Short(request, 18, (ushort)height);
        Short(request, 22, (ushort)(inputOnly ? 2 : 1));
        Long(request, 28, OverrideRedirect | (inputOnly ? 0 : EventMask));
        Long(request, 32, 1);
        if (!inputOnly)
        {
            Long(request, 36, Below);
        }
        return request;
    }

    /// <summary>Chooses which events of a window are reported.</summary>
    public static byte[] Watch(uint window, uint events)
    {
        var request = New(2, 0, 16);
        Long(request, 4, window);
        Long(request, 8, EventMask);
        Long(request, 12, events);
        return request;
    }

    /// <summary>Puts a window below another.</summary>
    public static byte[] Reparent(uint window, uint parent)
    {
        var request = New(7, 0, 16);
        Long(request, 4, window);
        Long(request, 8, parent);
        return request;
    }

    /// <summary>Shows a window, as long as its parent is shown.</summary>
    public static byte[] Map(uint window) => OfWindow(8, 0, window);

    /// <summary>Gives a window its place and size, without a border.</summary>
    public static byte[] Place(uint window, int width, int height)
    {
        var request = New(12, 0, 32);
        Long(request, 4, window);
        Short(request, 8, AsPlacedAndSized);
        Long(request, 20, (uint)width);
        Long(request, 24, (uint)height);
        return request;
    }

    /// <summary>Carries out the wish of a window's owner.</summary>
    public static byte[] Grant(XEvent.ChangeWished wish)
    {
        (int Bit, uint Value)[] parts =
        [
            (0, (uint)wish.X),
            (1, (uint)wish.Y),
            (2, (uint)wish.Width),
            (3, (uint)wish.Height),
            (4, (uint)wish.Border),
            (5, wish.Sibling),
            (6, wish.Stacking),
        ];
        var asked = parts.Where(part => (wish.Parts & (1 << part.Bit)) != 0).ToArray();
        var request = New(12, 0, 12 + (4 * asked.Length));
        Long(request, 4, wish.Window);
        Short(request, 8, wish.Parts);
        for (var i = 0; i < asked.Length; i++)
        {
            Long(request, 12 + (4 * i), asked[i].Value);
        }
        return request;
    }

    /// <summary>Puts a window above all others.</summary>
    public static byte[] Raise(uint window)
    {
        var request = New(12, 0, 16);
        Long(request, 4, window);
        Short(request, 8, Stacked);
        return request;
    }

    /// <summary>Gives a window the keyboard. When the window goes, the window under the pointer gets the
    /// keyboard.</summary>
    public static byte[] Focus(uint window)
    {
        var request = OfWindow(42, 1, window);
        Array.Resize(ref request, 12);
        Short(request, 2, 3);
        return request;
    }

    /// <summary>Tells a window's owner the window's place, as a window manager does when nothing has changed (ICCCM
    /// 4.1.5).</summary>
    public static byte[] TellPlace(uint window, int width, int height)
    {
        Span<byte> told = stackalloc byte[EventLength];
        told[0] = ConfigureNotify;
        Long(told, 4, window);
        Long(told, 8, window);
        Short(told, 20, (ushort)width);
        Short(told, 22, (ushort)height);
        return SendEvent(window, Itself, told);
    }

    /// <summary>Asks a window's owner to close it, as a person would (ICCCM 4.2.8.1).</summary>
    /// <param name="window">The window.</param>
    /// <param name="protocols">The number of <c>WM_PROTOCOLS</c>.</param>
    /// <param name="close">The number of <c>WM_DELETE_WINDOW</c>.</param>
    public static byte[] AskToClose(uint window, uint protocols, uint close)
    {
        Span<byte> told = stackalloc byte[EventLength];
        told[0] = ClientMessage;
        told[1] = 32;
        Long(told, 4, window);
        Long(told, 8, protocols);
        Long(told, 12, close);
        return SendEvent(window, 0, told);
    }

    private static byte[] SendEvent(uint window, uint mask, ReadOnlySpan<byte> told)
    {
        var request = New(25, 0, 12 + EventLength);
        Long(request, 4, window);
        Long(request, 8, mask);
        told.CopyTo(request.AsSpan(12));
        return request;
    }

    private static byte[] OfWindow(byte code, byte detail, uint window)
    {
        var request = New(code, detail, 8);
        Long(request, 4, window);
        return request;
    }

    private static byte[] New(byte code, byte detail, int length)
    {
        var request = new byte[length];
        request[0] = code;
        request[1] = detail;
        Short(request, 2, (ushort)(length / 4));
        return request;
    }

    private static int Padded(int length) => (length + 3) & ~3;

    private static void Short(Span<byte> bytes, int at, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[at..], value);

    private static void Long(Span<byte> bytes, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);
}
