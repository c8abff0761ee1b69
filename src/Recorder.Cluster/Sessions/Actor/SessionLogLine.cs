using System.Globalization;
using System.Text.Json;
using Akka.Event;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>A session's event as a line of the node's log.</summary>
/// <param name="Level">How much the line matters.</param>
/// <param name="Text">What happened, for people. Addresses are without queries and stream keys.</param>
internal sealed record SessionLogLine(LogLevel Level, string Text)
{
    /// <summary>The line of an event.</summary>
    /// <param name="happened">The event.</param>
    public static SessionLogLine Of(ISessionEvent happened) =>
        happened switch
        {
            SessionAccepted e => Info($"accepted, {Told(e.Spec)}"),
            AttemptStarted e => Info($"attempt {e.Attempt} begins on {e.Node}"),
            RecordNamed e => Info($"the next record is {e.Path}"),
            RecordOpened e => Info($"{e.Path} has its first picture"),
            RecordConfirmed e => Debug($"{e.Path} grows, {e.FramesCaptured} pictures, {e.FramesDropped} dropped"),
            RecordClosed e => Info(
                $"{e.Path} is closed, {Seconds(e.Duration)} s, {e.Bytes} bytes{(e.Repaired ? ", repaired" : "")}"
            ),
            ManifestWritten e => Info($"{e.Path} has its manifest"),
            ManifestGivenUp e => Warning($"{e.Path} gets no manifest: {e.Message}"),
            RecordLost e => Warning($"{e.Path} is lost: {e.Message}"),
            RecordWentAway e => Warning($"{e.Path} cannot be looked for now: {e.Message}"),
            RecordFound e => Info($"{e.Path} was begun in a hand-over and is in the session's list"),
            FaultMet e => Warning($"{e.Code}: {e.Message}"),
            RecordingInterrupted e => Warning($"nothing is written since {Time(e.From)}: {e.Code}"),
            StreamingPlanned => Info("streaming is to begin"),
            StreamingBegan => Info("a stream target takes the stream"),
            StreamingConfirmed e => Debug($"streams, {e.FramesCaptured} pictures, {e.FramesDropped} dropped"),
            StreamingEnded => Info("the streams are closed"),
            TargetsChanged { Targets.IsEmpty: true } => Info("streams to nobody"),
            TargetsChanged e => Info(
                $"streams to {string.Join(", ", e.Targets.Select(to => $"{to.Id} {to.Target.Redacted}"))}"
            ),
            OutputStateChanged e => new(
                e.State is OutputState.Active ? LogLevel.InfoLevel : LogLevel.WarningLevel,
                $"output {e.Output} ({e.Target}) is {Word(e.State)}{(e.Reason is { } why ? ": " + why : "")}"
            ),
            SessionPortsBound e => Info(
                $"waits for RTP at {e.Endpoint.Host}, picture {e.Endpoint.RtpPort}, sound {(e.Endpoint.AudioRtpPort is { } port ? $"{port}" : "none")}"
            ),
            RecordingPaused => Info("paused"),
            RecordingUnpaused => Info("goes on after the pause"),
            PictureLost e => Warning($"the picture stands still: {e.Code ?? FaultCode.BrowserFailed}"),
            PictureRestored => Info("the picture moves again"),
            EndDecided e => new(
                e.Outcome is SessionPhase.Stopped ? LogLevel.InfoLevel : LogLevel.WarningLevel,
                $"is to end as {Word(e.Outcome)}{Because(e.Reason ?? e.Code, e.Message)}"
            ),
            SessionWaits { InLobby: true } => Info("waits in the lobby of its page"),
            SessionWaits => Info("waits for the beginning of its record"),
            WaitConfirmed => Debug("still waits for the beginning of its record"),
            SessionBeginsAnyway => Info("begins its record now, whatever its page shows"),
            ConditionBegan e => Info($"ends by itself if this goes on: {e.Reason}, since {Time(e.Since)}"),
            ConditionEnded e => Info($"does not end by itself for this any more: {e.Reason}"),
            EndRulesChanged => Info("has other rules for its end"),
            PageChanged e => Info(
                e.Change.Page is not null ? "goes to another address"
                : e.Change.Layout is { Length: > 0 } layout ? $"is given the layout {layout}"
                : "has another style sheet"
            ),
            SessionEndsSoon e => Info($"ends by itself at {Time(e.EndsAt)}: {e.Reason}"),
            MarkGiven e => Info($"{e.Mark} is given"),
            MarkPlaced e => Debug($"{e.Mark} is at {Seconds(e.Position)} s of {e.Path}"),
            SessionEnded => Info("ended"),
            DeliveryPlanned e => Info($"{e.Path} is to be delivered to {e.To}"),
            RecordPartDelivered e => Debug($"part {e.Number} of {e.Path} is at {e.To}"),
            DeliveryAskedAgain e => Info($"{e.Path} is to be delivered to {e.To} again, as somebody asked"),
            DeliveryBegun e => Info($"delivers {e.Path} to {e.To}, attempt {e.Attempt}"),
            RecordDelivered e => Info(
                $"{e.Path} is delivered to {e.To}, attempt {e.Attempt}{(e.Partial ? ", without its end" : "")}"
            ),
            DeliveryFailed e => Warning($"attempt {e.Attempt} to deliver {e.Path} to {e.To} failed: {e.Message}"),
            DeliveryGivenUp e => Warning($"{e.Path} is not delivered to {e.To}: {e.Message}"),
            DeliveryDelayed e => Info($"{e.Path} is delivered to {e.To} later: {e.Message}"),
            RecordHeld e => Info($"{e.Path} is on hold: {e.Reason}"),
            RecordReleased e => Info($"{e.Path} is on hold no longer"),
            ErasingDecided e => Info($"{e.Path} is to be erased: {e.Reason}"),
            ErasingDelayed e => Warning($"{e.Path} cannot be erased yet: {e.Obstacle}"),
            RecordErased e => Info($"{e.Path} is erased"),
            SessionRecalled => Info("is taken up again, since something is to be done for its records"),
            _ => Info(happened.GetType().Name),
        };

    private static SessionLogLine Info(string text) => new(LogLevel.InfoLevel, text);

    private static SessionLogLine Warning(string text) => new(LogLevel.WarningLevel, text);

    private static SessionLogLine Debug(string text) => new(LogLevel.DebugLevel, text);

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Because(string? code, string? message) =>
        (code, message) switch
        {
            (null, null) => "",
            (null, _) => $": {message}",
            (_, null) => $": {code}",
            _ => $" ({code}): {message}",
        };

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Told(SessionSpec spec) =>
        spec switch
        {
            PageSessionSpec { SoundOnly: true } page =>
                $"{Word(page.Mode)} of the sound alone of a page of {page.Page.Host}, as {Word(page.Container)}",
            PageSessionSpec page =>
                $"{Word(page.Mode)} of a page of {page.Page.Host}, {page.Video.Width}x{page.Video.Height} at {page.Video.Framerate}, {page.StreamTargets.Count} stream targets",
            _ => "a record of what comes by RTP",
        };
}
