using Recorder.Cluster.Sessions;

namespace Recorder.Http.Answers;

/// <summary>A session has been started.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="Status">Always started: its first encoded frame is in the file.</param>
internal sealed record StartAnswer(int Id, string Status);

/// <summary>A session has been stopped.</summary>
/// <param name="Status">Always stopped: its record is final and playable.</param>
internal sealed record StopAnswer(string Status);

/// <summary>A session in the original recorder's status list.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="Records">The paths of its finished records, oldest first.</param>
/// <param name="Running">Whether it has not ended.</param>
/// <param name="IsRunning">The same; the original's documentation shows both names.</param>
internal sealed record StatusEntry(int Id, IReadOnlyList<string> Records, bool Running, bool IsRunning);

/// <summary>All that is known about a session.</summary>
/// <param name="Id">The session's number.</param>
/// <param name="State">Where in its life it is.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="Running">Whether it has not ended.</param>
/// <param name="EverRecorded">Whether a frame of it was ever written.</param>
/// <param name="Node">The node it runs or last ran on.</param>
/// <param name="Attempt">Which life of the session this is, from 1; each resume on a node counts one.</param>
/// <param name="Spec">What it records, every default filled in.</param>
/// <param name="Records">Its files, oldest first, the growing one included.</param>
/// <param name="Gaps">The times in which it should have been recorded and was not.</param>
/// <param name="Faults">What it met, survived or not.</param>
internal sealed record SessionAnswer(
    int Id,
    SessionPhase State,
    DateTimeOffset Since,
    bool Running,
    bool EverRecorded,
    string Node,
    int Attempt,
    SpecAnswer? Spec,
    IReadOnlyList<RecordAnswer> Records,
    IReadOnlyList<GapAnswer> Gaps,
    IReadOnlyList<FaultAnswer> Faults);

/// <summary>What a session records.</summary>
/// <param name="Type">The type of the session.</param>
/// <param name="Uri">The page; a name and password in the address are hidden.</param>
/// <param name="Mode">Where the encoded media goes.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Framerate">Frames per second.</param>
/// <param name="Bitrate">Video bit rate in kbit/s.</param>
/// <param name="Preset">The speed preset of the H.264 encoder.</param>
/// <param name="Profile">The H.264 profile.</param>
/// <param name="KeyframeInterval">The greatest distance of two key frames, in frames.</param>
/// <param name="AudioBitrate">Audio bit rate in kbit/s.</param>
/// <param name="Container">The container of the record.</param>
internal sealed record SpecAnswer(
    string Type,
    string Uri,
    RecordingMode Mode,
    int Width,
    int Height,
    int Framerate,
    int Bitrate,
    EncoderPreset Preset,
    EncoderProfile Profile,
    int KeyframeInterval,
    int AudioBitrate,
    RecordContainer Container);

/// <summary>A record of a session.</summary>
/// <param name="Path">Absolute path on the node that holds the file.</param>
/// <param name="Attempt">The attempt that wrote it, from 1.</param>
/// <param name="Finished">Whether the file is final; a growing record is not.</param>
/// <param name="OpenedAt">When its first frame was written.</param>
/// <param name="DurationSeconds">Playing time in seconds; null while it grows.</param>
/// <param name="Bytes">Size in bytes; null while it grows.</param>
/// <param name="Repaired">Whether it was rebuilt after its worker had died.</param>
/// <param name="FramesCaptured">Frames handed to the encoder, as of the last confirmation.</param>
/// <param name="FramesDropped">Frames dropped because the encoder could not keep up, likewise.</param>
internal sealed record RecordAnswer(
    string Path,
    int Attempt,
    bool Finished,
    DateTimeOffset? OpenedAt,
    double? DurationSeconds,
    long? Bytes,
    bool Repaired,
    long FramesCaptured,
    long FramesDropped);

/// <summary>A time in which the session should have been recorded and was not.</summary>
/// <param name="From">The last evidence of recording before it.</param>
/// <param name="To">The first evidence after it; null while it lasts.</param>
/// <param name="Code">The reason.</param>
internal sealed record GapAnswer(DateTimeOffset From, DateTimeOffset? To, string Code);

/// <summary>May the farm take one more session?</summary>
/// <param name="HasRoom">Whether it would take one now.</param>
/// <param name="Nodes">Every recorder node that has reported.</param>
internal sealed record PressureAnswer(bool HasRoom, IReadOnlyList<NodePressureAnswer> Nodes);

/// <summary>How full a node is.</summary>
/// <param name="Node">The node's cluster address.</param>
/// <param name="Slots">How many sessions it can hold.</param>
/// <param name="Running">How many it holds.</param>
/// <param name="Reason">Why it takes no more; null where it does.</param>
internal sealed record NodePressureAnswer(string Node, int Slots, int Running, string? Reason);

/// <summary>A fault that a session met.</summary>
/// <param name="At">When it was noticed.</param>
/// <param name="Node">The node it happened on.</param>
/// <param name="Code">The reason.</param>
/// <param name="Message">What happened.</param>
internal sealed record FaultAnswer(DateTimeOffset At, string Node, string Code, string Message);
