using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;
using Recorder.Node.Parts;

namespace Recorder.Node.Media;

/// <summary>What a media set is and knows.</summary>
internal sealed record MediaState
{
    /// <summary>Nothing asked yet.</summary>
    public static MediaState Initial { get; } = new();

    /// <summary>The record, its worker and how both end.</summary>
    public WorkerLife Life { get; init; } =
        new()
        {
            StoppedAtStart = "It was stopped before its first picture was written or sent.",
            CodeOfNothing = FaultCode.PipelineFailed,
        };

    /// <summary>The session's id, for the worker's messages.</summary>
    public SessionId Session { get; init; }

    /// <summary>Below this much free space in the records folder, in bytes, the worker finalises.</summary>
    public long MinimumFreeBytes { get; init; }

    /// <summary>The absolute path of a file of authorities that servers of streams are checked against besides the
    /// system's; null: none.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>The address, or the name of one, on which targets are bound that wait for viewers: the one that RTP is
    /// received on.</summary>
    public string? ListenAddress { get; init; }

    /// <summary>What is recorded.</summary>
    public PageSessionSpec? Spec { get; init; }

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

    /// <summary>How far the present worker has come.</summary>
    public WorkerProgress Worker { get; init; } = new();
}

/// <summary>How far the present worker of a page has come.</summary>
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

    /// <summary>Silence in its sound track in place of sound that had not come.</summary>
    public MissedSound Missed { get; init; }
}

/// <summary>Silence that a worker has put in place of sound.</summary>
/// <param name="Silence">All of it, as the worker told last.</param>
/// <param name="Untold">The part that nobody has been told of.</param>
/// <param name="Times">How often somebody was.</param>
internal readonly record struct MissedSound(TimeSpan Silence, TimeSpan Untold, int Times)
{
    /// <summary>How often a worker's missed sound is told: a machine that is always full would tell of nothing
    /// else.</summary>
    public const int MostTimes = 10;

    /// <summary>A browser opens its sound device meanwhile, and the server gives nothing before that.</summary>
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(5);

    /// <summary>The worker told its figures.</summary>
    /// <param name="recorded">The length of its timeline.</param>
    /// <param name="silence">All silence so far.</param>
    /// <returns>What is known now, and how much is to be told of, if anything: an absence is told of when it is
    /// over.</returns>
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

    /// <summary>The step of the record and its worker.</summary>
    public static MediaStep Of(MediaState state, WorkerLifeStep step) =>
        new(state with { Life = step.Life }, step.Effects);
}
