using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media.Life;

/// <summary>One thing the media actor has to do.</summary>
internal abstract record MediaEffect
{
    private MediaEffect() { }

    /// <summary>Check whether the records folder is fit for a record.</summary>
    public sealed record CheckFolder(string RecordPath) : MediaEffect;

    /// <summary>Start the display.</summary>
    public sealed record StartDisplay : MediaEffect;

    /// <summary>Start the sound server.</summary>
    public sealed record StartSound : MediaEffect;

    /// <summary>Start the browser and show the page.</summary>
    public sealed record StartBrowser(PageSessionSpec Spec, DisplayReady Display, string SoundServer) : MediaEffect
    {
        /// <summary>Whether the page was recorded before.</summary>
        public bool Rejoins { get; init; }

        /// <summary>Whether the record begins whatever the page shows.</summary>
        public bool Anyway { get; init; }

        /// <summary>The rules by which the session ends.</summary>
        public EndRules End { get; init; } = EndRules.None;
    }

    /// <summary>Tell the browser that its page has begun, whatever the page shows.</summary>
    public sealed record EnterPage : MediaEffect;

    /// <summary>Tell the browser what its page shows from now on.</summary>
    public sealed record ShowPage(PageSessionSpec Spec) : MediaEffect;

    /// <summary>Tell the browser what to watch the page for.</summary>
    public sealed record WatchPage(EndRules End) : MediaEffect;

    /// <summary>Have the browser take a picture of the page, which is not recorded yet.</summary>
    public sealed record TakePagePicture : MediaEffect;

    /// <summary>Tell the browser how many different pictures the worker has seen on the display.</summary>
    public sealed record TellPictures(long Count) : MediaEffect;

    /// <summary>Let the page say good-bye. Everything else ends only after the good-bye.</summary>
    public sealed record LeavePage : MediaEffect;

    /// <summary>Start a worker.</summary>
    public sealed record StartWorker : MediaEffect;

    /// <summary>Send a command to the worker.</summary>
    public sealed record Command(WorkerCommand ToWorker) : MediaEffect;

    /// <summary>Report an event to the session.</summary>
    public sealed record Report(IMediaEvent Event) : MediaEffect;

    /// <summary>End every process and remove the run directory. A page that has not said good-bye yet does so first.
    /// <c>RemoveFile</c> is a file in which no picture was ever confirmed; that file is removed.</summary>
    public sealed record EndEverything(string? RemoveFile) : MediaEffect;

    /// <summary>Repair the record that was open at the end, then send <see cref="LastRecordRepaired"/>.</summary>
    public sealed record RepairLast(string RecordPath, RecordContainer Container) : MediaEffect;
}
