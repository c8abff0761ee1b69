using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Which records <c>GET /api/records</c> lists. Pure.</summary>
/// <param name="Limit">Lists at most this many records.</param>
/// <param name="After">Lists only records after this one, by session and number, so that a caller can continue where a
/// page ended; null: from the beginning.</param>
internal sealed record RecordFilter(int Limit, RecordId? After) : IReadFromCall<RecordFilter>
{
    /// <summary>The greatest <c>limit</c> that a caller may ask for.</summary>
    public const int MaximumLimit = SessionFilter.MaximumLimit;

    /// <summary>How many records a page has when the caller does not say.</summary>
    public const int DefaultLimit = SessionFilter.DefaultLimit;

    public const string Session = "session";
    public const string FromName = "from";
    public const string ToName = "to";

    /// <summary>The states by their names.</summary>
    public static readonly ChoiceField<RecordStage> States = new(
        "state",
        "Only records in this state. Without it, every record that is not erased.",
        RecordStage.Finished
    );

    // RFC 3339, and a date alone, which is the day's beginning in UTC.
    private static readonly string[] TimeForms =
    [
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd",
    ];

    /// <summary>Lists only records of this session; null: of all sessions.</summary>
    public SessionId? Of { get; init; }

    /// <summary>Lists only records in this state; null: all states.</summary>
    public RecordStage? State { get; init; }

    /// <summary>Lists only records whose first frame was written at this time or later; null: any time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Lists only records whose first frame was written before this time; null: any time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Lists only records of sessions that have all these labels.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    public static ValueTask<Parsed<RecordFilter>> ReadAsync(HttpRequest call, int longestBody) =>
        new(Parse(QueryParameters.Of(call)));

    /// <summary>Reads the query.</summary>
    /// <param name="query">The parameters of the query.</param>
    public static Parsed<RecordFilter> Parse(IEnumerable<KeyValuePair<string, string[]>> query)
    {
        var given = query.ToDictionary(one => one.Key, one => one.Value, StringComparer.Ordinal);
        RequestError? error = null;
        var filter = new RecordFilter(
            Read("limit", $"a whole number from 1 to {MaximumLimit}", text => WholeFrom1(text, MaximumLimit))
                ?? DefaultLimit,
            Read("after", "the id of a record, such as 7-2", text => RecordId.TryParse(text, out var id) ? id : (RecordId?)null)
        )
        {
            Of = Read("session", "the id of a session", text => WholeFrom1(text, int.MaxValue)) is { } session
                ? new SessionId(session)
                : null,
            State = Read(
                States.Name,
                $"one of {string.Join(", ", States.Words)}",
                text => States.TryParse(text, out var state) ? state : (RecordStage?)null
            ),
            From = Read(FromName, TimeWords, Time),
            To = Read(ToName, TimeWords, Time),
        };
        var labels = LabelFields.ReadFilter(given);
        return RequestError.Of(error, labels.Error) is { } refused ? refused : filter with { Labels = labels.Value };

        T? Read<T>(string name, string form, Func<string, T?> parse)
            where T : struct
        {
            if (!given.TryGetValue(name, out var values))
            {
                return null;
            }
            var value = values is [var text] ? parse(text) : null;
            if (value is null)
            {
                error = RequestError.Of(
                    error,
                    new RequestError(ErrorCode.InvalidRequest, $"{name} must be {form}, given once.", name)
                );
            }
            return value;
        }
    }

    /// <summary>The address of the page after this one.</summary>
    /// <param name="path">The path of the list.</param>
    /// <param name="last">The last record of this page.</param>
    public string NextPage(string path, RecordId last) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{path}?{(Of is { } session ? $"session={session}&" : "")}{(State is { } state ? $"state={States.Word(state)}&" : "")}{Bound(FromName, From)}{Bound(ToName, To)}{QueryParameters.Of(Labels)}limit={Limit}&after={last}"
        );

    /// <summary>The form of a time.</summary>
    internal const string TimeWords = "a time such as 2021-09-22T07:56:00Z, or a date";

    /// <summary>A bound of time for the address of a next page.</summary>
    internal static string Bound(string name, DateTimeOffset? time) =>
        time is { } at
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{name}={at.UtcDateTime:yyyy-MM-dd'T'HH':'mm':'ss.FFFFFFF}Z&"
            )
            : "";

    /// <summary>Reads a time; null when the text is none.</summary>
    internal static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(
            text,
            TimeForms,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;

    private static int? WholeFrom1(string text, int most) =>
        QueryParameters.Whole([text]) is { } value && value >= 1 && value <= most ? value : null;
}
