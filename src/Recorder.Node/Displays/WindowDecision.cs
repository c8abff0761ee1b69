using System.Collections.Immutable;

namespace Recorder.Node.Displays;

/// <summary>The known windows of a display.</summary>
/// <param name="Page">The browser's window; 0: it does not exist yet, or is gone.</param>
/// <param name="Drawer">The invisible window into which every other window is put.</param>
internal sealed record WindowState(uint Page, uint Drawer);

/// <summary>The kind of a window.</summary>
internal enum WindowKind
{
    /// <summary>A window that asks to be shown, such as a dialog.</summary>
    Window,

    /// <summary>A window that is shown without being asked for, such as a menu.</summary>
    Popup,
}

/// <summary>One thing to do with a window.</summary>
internal abstract record WindowEffect
{
    /// <summary>Make the window fill the display, show the window, and give it the keyboard.</summary>
    internal sealed record Show(uint Window) : WindowEffect;

    /// <summary>Make the window fill the display again.</summary>
    internal sealed record Fill(uint Window) : WindowEffect;

    /// <summary>Carry out the wish of the window's owner.</summary>
    internal sealed record Grant(XEvent.ChangeWished Wish) : WindowEffect;

    /// <summary>Put the window where nobody sees it.</summary>
    internal sealed record Hide(uint Window) : WindowEffect;

    /// <summary>Let the window's owner believe that the window is shown, and ask the owner to close it.</summary>
    internal sealed record Refuse(uint Window) : WindowEffect;

    /// <summary>Report that a window was kept out of the picture.</summary>
    internal sealed record Report(WindowKind Kind) : WindowEffect;
}

/// <summary>
/// Keeps a display clear. The first window that asks to be shown is the browser's window; it fills the display,
/// whatever size and place it asks for. Every other window, whatever its owner, is put into a drawer before it is seen.
/// Pure.
/// </summary>
internal static class WindowDecision
{
    /// <summary>Decides what follows from an event.</summary>
    public static (WindowState State, ImmutableArray<WindowEffect> Effects) Decide(WindowState state, XEvent told) =>
        told switch
        {
            XEvent.Created { Unasked: true } made => (state, [new WindowEffect.Hide(made.Window)]),
            XEvent.ShowWished wished when state.Page == 0 || state.Page == wished.Window => (
                state with
                {
                    Page = wished.Window,
                },
                [new WindowEffect.Show(wished.Window)]
            ),
            XEvent.ShowWished wished => (
                state,
                [new WindowEffect.Hide(wished.Window), new WindowEffect.Refuse(wished.Window)]
            ),
            XEvent.Mapped mapped when mapped.Above == state.Drawer => (
                state,
                [new WindowEffect.Report(mapped.Unasked ? WindowKind.Popup : WindowKind.Window)]
            ),
            // The window was made and shown so quickly that it could not be put away first.
            XEvent.Mapped { Unasked: true } mapped => (state, [new WindowEffect.Hide(mapped.Window)]),
            XEvent.ChangeWished wish when wish.Window == state.Page => (state, [new WindowEffect.Fill(wish.Window)]),
            XEvent.ChangeWished wish => (state, [new WindowEffect.Grant(wish)]),
            XEvent.Destroyed gone when gone.Window == state.Page => (state with { Page = 0 }, []),
            _ => (state, []),
        };
}
