using System.Collections.Immutable;

using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Media;

/// <summary>The life of a media set.</summary>
internal enum MediaPhase
{
    /// <summary>Nothing was asked yet.</summary>
    Idle,

    /// <summary>On the way to the first picture of a record or stream: the first, or the next after a lost worker.</summary>
    Starting,

    /// <summary>A record grows.</summary>
    Recording,

    /// <summary>The worker is gone; display, sound and browser wait for <see cref="ResumeRecording"/>.</summary>
    WorkerLost,

    /// <summary>The worker finalises the record.</summary>
    Finishing,

    /// <summary>Every process is being ended.</summary>
    Ending,

    /// <summary>Nothing is left.</summary>
    Ended,
}

/// <summary>What the media actor is to do.</summary>
internal abstract record MediaEffect
{
    private MediaEffect()
    {
    }

    /// <summary>See whether the records folder is fit for a record.</summary>
    public sealed record CheckFolder(string RecordPath) : MediaEffect;

    /// <summary>Start the display.</summary>
    public sealed record StartDisplay : MediaEffect;

    /// <summary>Start the sound server.</summary>
    public sealed record StartSound : MediaEffect;

    /// <summary>Start the browser and show the page.</summary>
    public sealed record StartBrowser(PageSessionSpec Spec, DisplayReady Display, string SoundServer) : MediaEffect;

    /// <summary>Tell the browser how many different pictures the worker has seen on the display.</summary>
    public sealed record TellPictures(long Count) : MediaEffect;

    /// <summary>Let the page say good-bye. Everything else is ended after that, and not before.</summary>
    public sealed record LeavePage : MediaEffect;

    /// <summary>Start a worker.</summary>
    public sealed record StartWorker : MediaEffect;

    /// <summary>Tell the worker.</summary>
    public sealed record Command(WorkerCommand ToWorker) : MediaEffect;

    /// <summary>Tell the session.</summary>
    public sealed record Report(IMediaEvent Event) : MediaEffect;

    /// <summary>Let the page say good-bye, if it has not yet, then end every process and the run directory. A file in which no picture was ever confirmed is removed.</summary>
    public sealed record EndEverything(string? RemoveFile) : MediaEffect;

    /// <summary>Repair the record that was open at the end, then say <see cref="LastRecordRepaired"/>.</summary>
    public sealed record RepairLast(string RecordPath, RecordContainer Container) : MediaEffect;
}

/// <summary>What a media set is and knows.</summary>
internal sealed record MediaState
{
    /// <summary>Nothing asked yet.</summary>
    public static MediaState Initial { get; } = new();

    /// <summary>Where in its life it is.</summary>
    public MediaPhase Phase { get; init; }

    /// <summary>The session's id, for the worker's messages.</summary>
    public SessionId Session { get; init; }

    /// <summary>Below this much free space in the records folder, in bytes, the worker finalises.</summary>
    public long MinimumFreeBytes { get; init; }

    /// <summary>The absolute path of a file of authorities that servers of streams are checked against besides the system's; null: none.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>The address, or the name of one, on which targets are bound that wait for viewers: the one that RTP is received on.</summary>
    public string? ListenAddress { get; init; }

    /// <summary>What is recorded.</summary>
    public PageSessionSpec? Spec { get; init; }

    /// <summary>The record being written, or the last one; null when the session writes none.</summary>
    public string? RecordPath { get; init; } = "";

    /// <summary>The stream targets as they are to be now.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>Whether something was recorded or streamed before what is being begun.</summary>
    public bool Resumes { get; init; }

    /// <summary>The display, once it is ready.</summary>
    public DisplayReady? Display { get; init; }

    /// <summary>The sound server, once it is ready.</summary>
    public SoundReady? Sound { get; init; }

    /// <summary>Whether the browser was started.</summary>
    public bool BrowserStarted { get; init; }

    /// <summary>Whether the page was shown once.</summary>
    public bool PageShown { get; init; }

    /// <summary>The record and its worker.</summary>
    public WorkerProgress Worker { get; init; } = new();

    /// <summary>Why the set has to end, when it has to.</summary>
    public PartFailed? Cause { get; init; }

    /// <summary>Whether the record that was open must be repaired when everything has ended.</summary>
    public bool RepairAtEnd { get; init; }

    /// <summary>What is told once everything has ended.</summary>
    public ImmutableList<IMediaEvent> Final { get; init; } = [];
}

/// <summary>How far the present worker has come.</summary>
internal sealed record WorkerProgress
{
    /// <summary>Whether the records folder was found fit.</summary>
    public bool FolderReady { get; init; }

    /// <summary>Whether it was told to prepare.</summary>
    public bool Prepared { get; init; }

    /// <summary>Whether it is ready.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether it was told to begin.</summary>
    public bool Begun { get; init; }

    /// <summary>Whether its first picture is in the file, or a target has accepted the stream.</summary>
    public bool FirstFrame { get; init; }

    /// <summary>Length of its timeline, as it told last.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Silence in its sound track in place of sound that had not come.</summary>
    public MissedSound Missed { get; init; }

    /// <summary>What it failed with.</summary>
    public WorkerEvent.Failed? Failed { get; init; }

    /// <summary>What it finalised.</summary>
    public WorkerEvent.Finished? Finished { get; init; }

    /// <summary>Why nothing could be finalised.</summary>
    public WorkerEvent.Unrecoverable? Unrecoverable { get; init; }
}

/// <summary>Silence that a worker has put in place of sound.</summary>
/// <param name="Silence">All of it, as the worker told last.</param>
/// <param name="Untold">The part that nobody has been told of.</param>
/// <param name="Times">How often somebody was.</param>
internal readonly record struct MissedSound(TimeSpan Silence, TimeSpan Untold, int Times)
{
    /// <summary>How often a worker's missed sound is told: a machine that is always full would tell of nothing else.</summary>
    public const int MostTimes = 10;

    /// <summary>A browser opens its sound device meanwhile, and the server gives nothing before that.</summary>
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(5);

    /// <summary>The worker told its figures.</summary>
    /// <param name="recorded">The length of its timeline.</param>
    /// <param name="silence">All silence so far.</param>
    /// <returns>What is known now, and how much is to be told of, if anything: an absence is told of when it is over.</returns>
    public (MissedSound Now, TimeSpan? Told) Grew(TimeSpan recorded, TimeSpan silence)
    {
        if (recorded < Opening || Times >= MostTimes)
        {
            return (this with { Silence = silence }, null);
        }

        var missed = silence - Silence;
        return missed <= TimeSpan.Zero && Untold > TimeSpan.Zero
            ? (new MissedSound(silence, TimeSpan.Zero, Times + 1), Untold)
            : (this with { Silence = silence, Untold = Untold + missed }, null);
    }
}

/// <summary>A state and what led to it asks for.</summary>
internal sealed record MediaStep(MediaState State, ImmutableList<MediaEffect> Effects)
{
    /// <summary>Nothing changes.</summary>
    public static MediaStep None(MediaState state) => new(state, []);
}
