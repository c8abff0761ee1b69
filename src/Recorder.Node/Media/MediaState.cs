using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;
using Recorder.Node.Parts;
using Recorder.Worker.Network;

namespace Recorder.Node.Media;

/// <summary>The state of a media set.</summary>
internal sealed record MediaState
{
    /// <summary>The state before the first command.</summary>
    public static MediaState Initial { get; } = new();

    /// <summary>The record, its worker and how both end.</summary>
    public WorkerLife Life { get; init; } =
        new()
        {
            StoppedAtStart = "It was stopped before its first picture was written or sent.",
            CodeOfNothing = FaultCode.PipelineFailed,
        };

    /// <summary>The session's id, used in messages to the worker.</summary>
    public SessionId Session { get; init; }

    /// <summary>Least free space in the records folder, in bytes; with less, the worker finalises.</summary>
    public long MinimumFreeBytes { get; init; }

    /// <summary>The absolute path of a file of certificate authorities that stream servers are checked against, besides
    /// the system's authorities; null: none.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>The address, or the name of an address, on which targets that wait for viewers are bound. RTP is
    /// received on the same address.</summary>
    public string? ListenAddress { get; init; }

    /// <summary>Where streams may go; null: anywhere.</summary>
    public NetworkRules? Network { get; init; }

    /// <summary>What is recorded.</summary>
    public PageSessionSpec? Spec { get; init; }

    /// <summary>The stream targets as the caller wants them now.</summary>
    public ImmutableList<StreamOutput> Targets { get; init; } = [];

    /// <summary>Whether the session recorded or streamed something before the recording that now begins.</summary>
    public bool Resumes { get; init; }

    /// <summary>The display, once it is ready.</summary>
    public DisplayReady? Display { get; init; }

    /// <summary>The sound server, once it is ready.</summary>
    public SoundReady? Sound { get; init; }

    /// <summary>Whether the browser has been started.</summary>
    public bool BrowserStarted { get; init; }

    /// <summary>Whether the page has been shown once.</summary>
    public bool PageShown { get; init; }

    /// <summary>Whether the record of the page may begin, as the rule for the beginning says.</summary>
    public bool Entered { get; init; }

    /// <summary>Whether the record begins whatever the page shows.</summary>
    public bool Anyway { get; init; }

    /// <summary>Whether the page was recorded before.</summary>
    public bool Rejoins { get; init; }

    /// <summary>The rules by which the session ends.</summary>
    public EndRules End { get; init; } = EndRules.None;

    /// <summary>The progress of the present worker.</summary>
    public WorkerProgress Worker { get; init; } = new();
}

/// <summary>The progress of a page's present worker.</summary>
internal sealed record WorkerProgress
{
    /// <summary>Whether the records folder was found fit for a record.</summary>
    public bool FolderReady { get; init; }

    /// <summary>Whether the worker was told to prepare.</summary>
    public bool Prepared { get; init; }

    /// <summary>Whether the worker is ready.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether the worker was told to begin.</summary>
    public bool Begun { get; init; }

    /// <summary>The silence in the sound track where sound was missing.</summary>
    public MissedSound Missed { get; init; }
}

/// <summary>Silence that a worker recorded in place of missing sound.</summary>
/// <param name="Silence">The whole silence, as last reported by the worker.</param>
/// <param name="Untold">The part of the silence that has not been reported to the session yet.</param>
/// <param name="Times">The number of reports so far.</param>
internal readonly record struct MissedSound(TimeSpan Silence, TimeSpan Untold, int Times)
{
    /// <summary>The most reports of missed sound per worker. Without a limit, a permanently overloaded machine would
    /// report nothing else.</summary>
    public const int MostTimes = 10;

    /// <summary>The opening of a record, in which the browser still opens its sound device. The sound server delivers
    /// nothing before that, so silence there is not reported.</summary>
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(5);

    /// <summary>Takes the worker's new figures.</summary>
    /// <param name="recorded">The length of the worker's timeline.</param>
    /// <param name="silence">The whole silence so far.</param>
    /// <returns>What is known now, and the silence to report, if any. A stretch of silence is reported when the stretch
    /// is over.</returns>
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

/// <summary>The next state and the effects to carry out.</summary>
internal sealed record MediaStep(MediaState State, ImmutableList<MediaEffect> Effects)
{
    /// <summary>The step that changes nothing.</summary>
    public static MediaStep None(MediaState state) => new(state, []);

    /// <summary>Turns the step of the record and its worker into a step of the media set.</summary>
    public static MediaStep Of(MediaState state, WorkerLifeStep step) =>
        new(state with { Life = step.Life }, step.Effects);
}
