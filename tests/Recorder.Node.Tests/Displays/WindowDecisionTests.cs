using System.Globalization;
using Recorder.Node.Displays;

namespace Recorder.Node.Tests.Displays;

/// <summary>Which windows are seen on a display, and what goes over the wire for it.</summary>
public sealed class WindowDecisionTests
{
    private const uint Page = 5;
    private const uint Other = 6;
    private const uint Drawer = 100;
    private static readonly WindowState Empty = new(0, Drawer);
    private static readonly WindowState Shown = new(Page, Drawer);

    [Fact]
    public void The_first_window_that_wants_to_be_seen_is_the_pages_and_fills_the_display()
    {
        var (state, effects) = WindowDecision.Decide(Empty, new XEvent.ShowWished(Page));
        Assert.Equal(Shown, state);
        Assert.Equal<WindowEffect>([new WindowEffect.Show(Page)], effects);
    }

    [Fact]
    public void Every_other_window_is_hidden_and_asked_to_close()
    {
        var (state, effects) = WindowDecision.Decide(Shown, new XEvent.ShowWished(Other));
        Assert.Equal(Shown, state);
        Assert.Equal<WindowEffect>([new WindowEffect.Hide(Other), new WindowEffect.Refuse(Other)], effects);
    }

    [Fact]
    public void A_menu_a_tooltip_or_a_bubble_is_hidden_when_it_is_made_or_at_the_latest_when_it_is_shown()
    {
        Assert.Equal<WindowEffect>(
            [new WindowEffect.Hide(Other)],
            WindowDecision.Decide(Shown, new XEvent.Created(Other, Unasked: true)).Effects
        );
        Assert.Equal<WindowEffect>(
            [new WindowEffect.Hide(Other)],
            WindowDecision.Decide(Shown, new XEvent.Mapped(Other, 1, Unasked: true)).Effects
        );
        Assert.Empty(WindowDecision.Decide(Shown, new XEvent.Created(Other, Unasked: false)).Effects);
        Assert.Empty(WindowDecision.Decide(Shown, new XEvent.Mapped(Page, 1, Unasked: false)).Effects);
    }

    [Theory]
    [InlineData(true, WindowKind.Popup)]
    [InlineData(false, WindowKind.Window)]
    internal void What_is_shown_in_the_drawer_is_told_by_its_kind(bool unasked, WindowKind kind) =>
        Assert.Equal<WindowEffect>(
            [new WindowEffect.Report(kind)],
            WindowDecision.Decide(Shown, new XEvent.Mapped(Other, Drawer, unasked)).Effects
        );

    [Fact]
    public void The_pages_window_keeps_its_place_whatever_is_wished_and_others_have_their_way_unseen()
    {
        var wish = new XEvent.ChangeWished(Page, 0b1111, 50, 50, 300, 200, 0, 0, 0);
        Assert.Equal<WindowEffect>([new WindowEffect.Fill(Page)], WindowDecision.Decide(Shown, wish).Effects);
        Assert.Equal<WindowEffect>([new WindowEffect.Grant(wish)], WindowDecision.Decide(Empty, wish).Effects);
    }

    [Fact]
    public void A_browser_that_is_started_again_has_the_display_again()
    {
        var (state, _) = WindowDecision.Decide(Shown, new XEvent.Destroyed(Page));
        Assert.Equal(Empty, state);
        Assert.Equal<WindowEffect>(
            [new WindowEffect.Show(Other)],
            WindowDecision.Decide(state, new XEvent.ShowWished(Other)).Effects
        );
        Assert.Equal(Shown, WindowDecision.Decide(Shown, new XEvent.Destroyed(Other)).State);
    }

    /// <summary>The bytes of the protocol's own description.</summary>
    [Theory]
    [InlineData(
        "10 00 00 00 01 00 00 00 05 00 00 00 00 00 00 00 0a 00 0a 00 00 00 01 00",
        "Created { Window = 5, Unasked = True }"
    )]
    [InlineData("11 00 00 00 01 00 00 00 05 00 00 00", "Destroyed { Window = 5 }")]
    [InlineData("13 00 00 00 64 00 00 00 06 00 00 00 01", "Mapped { Window = 6, Above = 100, Unasked = True }")]
    [InlineData("14 00 00 00 01 00 00 00 05 00 00 00", "ShowWished { Window = 5 }")]
    [InlineData(
        "17 01 00 00 01 00 00 00 05 00 00 00 07 00 00 00 ff ff 02 00 2c 01 c8 00 00 00 4f 00",
        "ChangeWished { Window = 5, Parts = 79, X = -1, Y = 2, Width = 300, Height = 200, Border = 0, Sibling = 7, Stacking = 1 }"
    )]
    [InlineData("00 03 00 00 05 00 00 00 00 00 07", "Failed { Code = 3, Request = 7 }")]
    [InlineData("1c 00 00 00", null)]
    public void An_event_is_read(string bytes, string? read)
    {
        var message = new byte[XRequest.EventLength];
        Bytes(bytes).CopyTo(message, 0);
        Assert.Equal(read, XEvent.Read(message)?.ToString());
    }

    [Fact]
    public void Requests_have_the_form_of_the_protocol()
    {
        Assert.Equal(Bytes("07 00 04 00 06 00 00 00 64 00 00 00 00 00 00 00"), XRequest.Reparent(Other, Drawer));
        Assert.Equal(Bytes("08 00 02 00 05 00 00 00"), XRequest.Map(Page));
        Assert.Equal(Bytes("2a 01 03 00 05 00 00 00 00 00 00 00"), XRequest.Focus(Page));
        Assert.Equal(
            Bytes("0c 00 08 00 05 00 00 00 1f 00 00 00 00 00 00 00 00 00 00 00 00 05 00 00 d0 02 00 00 00 00 00 00"),
            XRequest.Place(Page, 1280, 720)
        );
        Assert.Equal(
            Bytes("0c 00 05 00 05 00 00 00 41 00 00 00 ff ff ff ff 01 00 00 00"),
            XRequest.Grant(new XEvent.ChangeWished(Page, 0b100_0001, -1, 2, 300, 200, 0, 7, 1))
        );
        Assert.Equal(
            Bytes("6c 00 0b 00 00 00 02 00 04 00 00 00 41 42 00 00 01 02 03 04"),
            XRequest.Connect("AB"u8, [1, 2, 3, 4])
        );
        Assert.Equal(Bytes("10 00 03 00 02 00 00 00 41 42 00 00"), XRequest.InternAtom("AB"u8));
    }

    private static byte[] Bytes(string text) =>
        [.. text.Split(' ').Select(part => byte.Parse(part, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
