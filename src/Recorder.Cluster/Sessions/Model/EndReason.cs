namespace Recorder.Cluster.Sessions.Model;

/// <summary>Why a session was stopped. A session that failed tells its <see cref="FaultCode"/> instead.</summary>
public static class EndReason
{
    /// <summary>A caller asked for the end.</summary>
    public const string Requested = "requested";

    /// <summary>The session lasted as long as its rules, or the farm, allow.</summary>
    public const string MaxDuration = "max_duration";

    /// <summary>The session lasted as long as the API key of its start allows.</summary>
    public const string KeyLimit = "key_limit";

    /// <summary>The records have as many bytes as the rules allow.</summary>
    public const string MaxBytes = "max_bytes";

    /// <summary>There was no sound for as long as the rules say.</summary>
    public const string Silence = "silence";

    /// <summary>The picture stood still for as long as the rules say.</summary>
    public const string Still = "still";

    /// <summary>The sender of an RTP session was silent for as long as the rules say.</summary>
    public const string SenderSilent = "sender_silent";

    /// <summary>The page said that its record ends.</summary>
    public const string EndSignal = "end_signal";

    /// <summary>The page closed itself.</summary>
    public const string Closed = "closed";

    /// <summary>The page went to another address.</summary>
    public const string NavigatedAway = "navigated_away";

    /// <summary>The element of the rules was shown, and is not shown any more.</summary>
    public const string SelectorGone = "selector_gone";

    /// <summary>The page showed a text of the rules.</summary>
    public const string Text = "text";

    /// <summary>The page showed as few participants as the rules say, for as long.</summary>
    public const string Alone = "alone";
}
