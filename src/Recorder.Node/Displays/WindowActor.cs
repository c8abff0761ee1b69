using Akka.Actor;
using Akka.Event;
using Recorder.Node.Processes;

namespace Recorder.Node.Displays;

/// <summary>The windows of a display are being watched.</summary>
internal sealed record WindowsReady
{
    /// <summary>The message.</summary>
    public static WindowsReady Instance { get; } = new();
}

/// <summary>A window was kept out of the picture, and is the first of its kind.</summary>
/// <param name="Kind">The kind of window.</param>
internal sealed record WindowKept(WindowKind Kind)
{
    /// <summary>A sentence about the window.</summary>
    public string Message =>
        Kind == WindowKind.Popup
            ? "The browser wanted to show a menu, a bubble or the like over the page. That was kept out of the picture, and the page has no answer by it. More of the kind are not told."
            : "The browser wanted to show a window beside the page, such as a dialog or a picker. The window was kept out of the picture and closed unanswered. More of the kind are not told.";
}

/// <summary>
/// Watches the windows of a session's display as its window manager, so that the page's window is the only one in the
/// picture: see <see cref="WindowDecision"/>. A cover window above all others, which shows nothing, keeps the pointer
/// away from the page. Tells its parent <see cref="WindowsReady"/>, or a failure, and later <see cref="WindowKept"/>
/// once for each kind of window. Ends with the display.
/// </summary>
internal sealed class WindowActor : ReceiveActor, IWithTimers, IDisposable
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromMinutes(1);

    private readonly string _display;
    private readonly string _authority;
    private readonly DisplayMode _mode;
    private readonly RunDirectory _run;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _ended = new();
    private XConnection? _connection;
    private Ready? _ready;
    private WindowState _state = new(0, 0);
    private readonly HashSet<WindowKind> _told = [];
    private long _kept;

    /// <summary>Makes the actor; the actor connects when it starts.</summary>
    /// <param name="run">The attempt's directory.</param>
    /// <param name="display">The display's name.</param>
    /// <param name="authority">The display's cookie file.</param>
    /// <param name="mode">The display's size.</param>
    public WindowActor(RunDirectory run, string display, string authority, DisplayMode mode)
    {
        _run = run;
        _display = display;
        _authority = authority;
        _mode = mode;
        Receive<Ready>(Begin);
        Receive<XEvent>(Hear);
        Receive<Sent>(_ => Next());
        Receive<Quiet>(_ => TellCount());
        Receive<Broken>(Break);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => ConnectAsync().PipeTo(Self, failure: Broken.By);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _ended.Cancel();
        TellCount();
        _connection?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    private async Task<Ready> ConnectAsync()
    {
        var connection = await XConnection.OpenAsync(
            _display,
            await File.ReadAllBytesAsync(_authority, _ended.Token),
            _ended.Token
        );
        try
        {
            var protocols = await connection.AtomAsync("WM_PROTOCOLS", _ended.Token);
            var close = await connection.AtomAsync("WM_DELETE_WINDOW", _ended.Token);
            var drawer = connection.NewId();
            var cover = connection.NewId();
            await connection.SendAsync(
                [
                    XRequest.CreateWindow(drawer, connection.Root, 1, 1, inputOnly: false),
                    XRequest.CreateWindow(cover, connection.Root, _mode.Width, _mode.Height, inputOnly: true),
                    XRequest.Map(cover),
                    XRequest.Watch(connection.Root, XRequest.Below | XRequest.WishesBelow),
                ],
                _ended.Token
            );

            // When this request is answered, the requests before it have been carried out.
            await connection.AtomAsync("WM_PROTOCOLS", _ended.Token);
            return new Ready(connection, drawer, cover, protocols, close);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Begin(Ready ready)
    {
        _ready = ready;
        _connection = ready.Connection;
        _state = new WindowState(0, ready.Drawer);
        Context.Parent.Tell(WindowsReady.Instance);
        Next();
    }

    private void Next() => _connection!.ReadAsync(_ended.Token).PipeTo(Self, failure: Broken.By);

    /// <summary>Handles a lost connection. A server that ends closes its connections, and the server's process reports
    /// that end better. A server that goes on has nobody to watch its windows.</summary>
    private void Break(Broken broken)
    {
        if (_connection is null)
        {
            Context.Parent.Tell(
                new Status.Failure(new IOException("Its windows cannot be watched over: " + broken.Message))
            );
        }
        else
        {
            _run.LogFailure(
                _log,
                $"Display of {_run.Path}: its windows are not watched over any more, and the picture may show a window beside the page from now on: {broken.Message}"
            );
        }
        Context.Stop(Self);
    }

    private void Hear(XEvent told)
    {
        if (told is XEvent.Failed failed)
        {
            _log.Debug(
                "Display of {0}: request {1} failed with {2}; its window was gone.",
                _run.Path,
                failed.Request,
                failed.Code
            );
        }
        if (told is XEvent.Created made && _connection!.IsOwn(made.Window))
        {
            Next();
            return;
        }

        var (state, effects) = WindowDecision.Decide(_state, told);
        _state = state;
        var requests = new List<byte[]>();
        foreach (var effect in effects)
        {
            Carry(effect, requests);
        }
        if (requests.Count == 0)
        {
            Next();
        }
        else
        {
            SendAsync(requests).PipeTo(Self, failure: Broken.By);
        }

        async Task<Sent> SendAsync(List<byte[]> all)
        {
            await _connection!.SendAsync(all, _ended.Token);
            return Sent.Instance;
        }
    }

    private void Carry(WindowEffect effect, List<byte[]> requests)
    {
        switch (effect)
        {
            case WindowEffect.Show show:
                requests.Add(XRequest.Place(show.Window, _mode.Width, _mode.Height));
                requests.Add(XRequest.Map(show.Window));
                requests.Add(XRequest.Focus(show.Window));
                requests.Add(XRequest.Raise(_ready!.Cover));
                break;
            case WindowEffect.Fill fill:
                requests.Add(XRequest.Place(fill.Window, _mode.Width, _mode.Height));
                requests.Add(XRequest.TellPlace(fill.Window, _mode.Width, _mode.Height));
                break;
            case WindowEffect.Grant grant:
                requests.Add(XRequest.Grant(grant.Wish));
                break;
            case WindowEffect.Hide hide:
                requests.Add(XRequest.Reparent(hide.Window, _state.Drawer));
                break;
            case WindowEffect.Refuse refuse:
                requests.Add(XRequest.Map(refuse.Window));
                requests.Add(XRequest.AskToClose(refuse.Window, _ready!.Protocols, _ready.Close));
                break;
            case WindowEffect.Report report:
                Report(report.Kind);
                break;
        }
    }

    /// <summary>Reports a window. The first window is reported at once, later ones within a minute as a number, because
    /// a page can ask for windows without end.</summary>
    private void Report(WindowKind kind)
    {
        if (_told.Add(kind))
        {
            Context.Parent.Tell(new WindowKept(kind));
        }
        _kept++;
        if (Timers.IsTimerActive(nameof(Quiet)))
        {
            return;
        }
        TellCount();
        Timers.StartSingleTimer(nameof(Quiet), Quiet.Instance, QuietTime);
    }

    private void TellCount()
    {
        if (_kept > 0)
        {
            _log.Warning(
                "Display of {0}: {1} of the browser beside the page kept out of the picture.",
                _run.Path,
                _kept == 1 ? "a window" : $"{_kept} windows"
            );
        }
        _kept = 0;
    }

    private sealed record Ready(XConnection Connection, uint Drawer, uint Cover, uint Protocols, uint Close);

    private sealed record Broken(string Message) : IDeadLetterSuppression
    {
        public static Broken By(Exception error) => new(error.Message);
    }

    private sealed record Sent : IDeadLetterSuppression
    {
        public static Sent Instance { get; } = new();
    }

    private sealed record Quiet
    {
        public static Quiet Instance { get; } = new();
    }
}
