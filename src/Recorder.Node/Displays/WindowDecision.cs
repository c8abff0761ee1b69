using System.Collections.Immutable;

namespace Recorder.Node.Displays;

/// <summary>What is known of a display's windows.</summary>
/// <param name="Page">The browser's window; 0: none yet, or it is gone.</param>
/// <param name="Drawer">The window nobody sees, in which every other one is put.</param>
internal sealed record WindowState(uint Page, uint Drawer);

/// <summary>What a window is.</summary>
internal enum WindowKind
{
    /// <summary>One that asks to be shown, such as a dialog.</summary>
    Window,

    /// <summary>One that is shown without being asked for, such as a menu.</summary>
    Popup,
}

/// <summary>What is to be done with a window.</summary>
internal abstract record WindowEffect
{
    /// <summary>Let it fill the display, show it, and give it the keyboard.</summary>
    internal sealed record Show(uint Window) : WindowEffect;

    /// <summary>Let it fill the display again.</summary>
    internal sealed record Fill(uint Window) : WindowEffect;

    /// <summary>Do with it what its owner wished.</summary>
    internal sealed record Grant(XEvent.ChangeWished Wish) : WindowEffect;

    /// <summary>Put it where nobody sees it.</summary>
    internal sealed record Hide(uint Window) : WindowEffect;

    /// <summary>Let its owner believe that it is shown, and ask for its end.</summary>
    internal sealed record Refuse(uint Window) : WindowEffect;

    /// <summary>Tell that a window was kept away.</summary>
    internal sealed record Report(WindowKind Kind) : WindowEffect;
}

/// <summary>
/// Keeps a display clear: the first window that wants to be shown is the browser's and fills the display, whatever size
/// and place it wishes; every other one, whoever made it, is put into a drawer before it is seen. Pure.
/// </summary>
internal static class WindowDecision
{
    /// <summary>What follows from an event.</summary>
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
            // Made and shown in one breath, before it could be put away.
            XEvent.Mapped { Unasked: true } mapped => (state, [new WindowEffect.Hide(mapped.Window)]),
            XEvent.ChangeWished wish when wish.Window == state.Page => (state, [new WindowEffect.Fill(wish.Window)]),
            XEvent.ChangeWished wish => (state, [new WindowEffect.Grant(wish)]),
            XEvent.Destroyed gone when gone.Window == state.Page => (state with { Page = 0 }, []),
            _ => (state, []),
        };
}
