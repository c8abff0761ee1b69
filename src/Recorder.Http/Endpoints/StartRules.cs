using System.Globalization;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>What a key's limits say of a start, as far as this node alone can tell.</summary>
internal static class StartRules
{
    /// <summary>What the owner of a caller's key may have at once in the whole farm; null: no limit.</summary>
    /// <param name="caller">Who asks.</param>
    public static OwnerLimits? OwnersLimitsOf(Caller caller) =>
        caller.Key is { Limits: { Sessions: > 0 } or { PixelRate: > 0 } } key
            ? new OwnerLimits(key.Name, key.Limits.Sessions, key.Limits.PixelRate)
            : null;

    /// <summary>How long a session of the caller's key may last; null: no limit.</summary>
    /// <param name="caller">Who asks.</param>
    public static TimeSpan? DurationOf(Caller caller) =>
        caller.Limits.Duration > TimeSpan.Zero ? caller.Limits.Duration : null;

    /// <summary>Why a key may not start a session now; null when it may. A start that may pass is counted.</summary>
    /// <param name="spec">What is to be recorded.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="limits">How often keys may start.</param>
    public static EdgeRefusal? RefusalOf(SessionSpec spec, Caller caller, CallLimits limits)
    {
        if (caller.Key is not { } key)
        {
            return null;
        }
        if (key.Limits.Labels.Find(label => !spec.Labels.Exists(given => given.Key == label)) is { } missing)
        {
            return new EdgeRefusal(
                ErrorCode.InvalidRequest,
                $"Each start by the API key of {key.Name} must set the label {missing}; add \"{missing}\" to data.labels."
            )
            {
                Field = $"data.{StartFields.Labels}",
            };
        }
        return limits.WaitOfStart(key) is { } wait
            ? new EdgeRefusal(
                ErrorCode.TooManyStarts,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The API key of {key.Name} may start {key.Limits.StartsPerMinute} sessions a minute; start again after {Math.Ceiling(wait.TotalSeconds):0} s."
                )
            )
            {
                RetryAfter = wait,
            }
            : null;
    }
}
