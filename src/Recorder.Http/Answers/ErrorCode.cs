using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>
/// The codes of error answers beyond <see cref="FaultCode"/>, and the HTTP status of each code.
/// </summary>
internal static class ErrorCode
{
    public const string InvalidRequest = FaultCode.InvalidRequest;
    public const string AddressNotAllowed = "address_not_allowed";
    public const string NoSuchFile = "no_such_file";
    public const string NoSuchRecord = FaultCode.NoSuchRecord;
    public const string NotFinished = FaultCode.NotFinished;
    public const string RecordMissing = "record_missing";
    public const string PreconditionFailed = "precondition_failed";
    public const string RangeNotSatisfiable = "range_not_satisfiable";
    public const string NoSuchEvent = "no_such_event";
    public const string NoSuchWebhook = "no_such_webhook";
    public const string NotJoinable = "not_joinable";
    public const string NoSuchSchedule = "no_such_schedule";
    public const string NoSuchLink = "no_such_link";
    public const string NoSuchProfile = "no_such_profile";
    public const string LinkEnded = "link_ended";
    public const string NoSuchMember = "no_such_member";
    public const string NoSuchShardType = "no_such_shard_type";
    public const string IdempotencyConflict = "idempotency_conflict";
    public const string InProgress = "in_progress";
    public const string BodyTooLarge = "body_too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string NoSuchRoute = "no_such_route";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string Unauthorized = "unauthorized";
    public const string Forbidden = "forbidden";
    public const string TooManyCalls = "too_many_calls";
    public const string TooManyStarts = "too_many_starts";
    public const string InternalError = "internal_error";

    /// <summary>
    /// The HTTP status of a code. A failure of a part of the farm is 503: the call is correct, and the same call may
    /// succeed later or on another node. The status 500 is reserved for unexpected errors.
    /// </summary>
    public static int StatusOf(string code) =>
        code switch
        {
            InvalidRequest or AddressNotAllowed => StatusCodes.Status400BadRequest,
            Unauthorized => StatusCodes.Status401Unauthorized,
            Forbidden => StatusCodes.Status403Forbidden,
            NoSuchRoute
            or NoSuchFile
            or NoSuchRecord
            or NoSuchEvent
            or NoSuchWebhook
            or NoSuchLink
            or NoSuchSchedule
            or NoSuchProfile
            or NoSuchMember
            or NoSuchShardType
            or FaultCode.NoSuchDelivery
            or FaultCode.NoPicture
            or FaultCode.NoSuchSession => StatusCodes.Status404NotFound,
            MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
            RecordMissing or LinkEnded or FaultCode.RecordErased => StatusCodes.Status410Gone,
            PreconditionFailed => StatusCodes.Status412PreconditionFailed,
            RangeNotSatisfiable => StatusCodes.Status416RangeNotSatisfiable,
            NotFinished
            or NotJoinable
            or FaultCode.OnHold
            or IdempotencyConflict
            or InProgress
            or FaultCode.StoppedAtStart
            or FaultCode.PortInUse
            or FaultCode.NotRetriable
            or FaultCode.JournalDeleted
            or FaultCode.NotRunning
            or FaultCode.TooManySessions
            or FaultCode.TooManyPixels
            or FaultCode.NotSupported => StatusCodes.Status409Conflict,
            BodyTooLarge => StatusCodes.Status413PayloadTooLarge,
            UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
            FaultCode.PageFailed
            or FaultCode.PageTooLarge
            or FaultCode.NotAdmitted
            or FaultCode.JoinFailed
            or FaultCode.BeginTimeout
            or FaultCode.StreamFailed => StatusCodes.Status422UnprocessableEntity,
            TooManyCalls or TooManyStarts => StatusCodes.Status429TooManyRequests,
            InternalError => StatusCodes.Status500InternalServerError,
            FaultCode.StartTimeout => StatusCodes.Status504GatewayTimeout,
            FaultCode.DiskFull or FaultCode.RecordsFolderUnavailable => StatusCodes.Status507InsufficientStorage,
            _ => StatusCodes.Status503ServiceUnavailable,
        };

    /// <summary>The codes that an answer with a status may contain, for the API's description.</summary>
    public static IEnumerable<string> CodesOf(int status) => All.Where(code => StatusOf(code) == status);

    private static readonly string[] All =
    [
        InvalidRequest,
        AddressNotAllowed,
        Unauthorized,
        Forbidden,
        NoSuchRoute,
        NoSuchFile,
        NoSuchRecord,
        NoSuchEvent,
        NoSuchWebhook,
        NoSuchLink,
        NoSuchProfile,
        NoSuchSchedule,
        NoSuchMember,
        NoSuchShardType,
        FaultCode.NoSuchSession,
        FaultCode.NoSuchDelivery,
        FaultCode.NoPicture,
        MethodNotAllowed,
        NotFinished,
        NotJoinable,
        FaultCode.OnHold,
        RecordMissing,
        FaultCode.RecordErased,
        LinkEnded,
        PreconditionFailed,
        RangeNotSatisfiable,
        IdempotencyConflict,
        InProgress,
        FaultCode.StoppedAtStart,
        FaultCode.PortInUse,
        FaultCode.NotRunning,
        FaultCode.NotRetriable,
        FaultCode.JournalDeleted,
        FaultCode.NotSupported,
        FaultCode.TooManySessions,
        FaultCode.TooManyPixels,
        BodyTooLarge,
        UnsupportedMediaType,
        FaultCode.PageFailed,
        FaultCode.PageTooLarge,
        FaultCode.NotAdmitted,
        FaultCode.JoinFailed,
        FaultCode.BeginTimeout,
        FaultCode.StreamFailed,
        TooManyCalls,
        TooManyStarts,
        InternalError,
        FaultCode.StartTimeout,
        FaultCode.AtCapacity,
        FaultCode.Unavailable,
        FaultCode.BrowserFailed,
        FaultCode.DisplayFailed,
        FaultCode.SoundFailed,
        FaultCode.PipelineFailed,
        FaultCode.NodeLost,
        FaultCode.DiskFull,
        FaultCode.RecordsFolderUnavailable,
    ];
}
