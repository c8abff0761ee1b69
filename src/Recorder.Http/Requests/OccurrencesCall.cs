using Microsoft.AspNetCore.Http;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Which times of a schedule are asked for.</summary>
/// <param name="Id">The schedule.</param>
/// <param name="From">The first time; null: a week ago.</param>
/// <param name="To">The first time that does not count any more; null: without end.</param>
/// <param name="Limit">The most times.</param>
internal sealed record OccurrencesCall(string Id, DateTimeOffset? From, DateTimeOffset? To, int Limit)
    : IReadFromCall<OccurrencesCall>
{
    public const string FromName = "from";
    public const string ToName = "to";
    public const int MaximumLimit = 1_000;
    public const int DefaultLimit = 100;

    public static ValueTask<Parsed<OccurrencesCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        RequestError? error = null;
        var from = Time(FromName);
        var to = Time(ToName);
        var limit = EventQuery.Place(
            call.Query["limit"],
            "limit",
            $"a whole number from 1 to {MaximumLimit}",
            ref error
        );
        if (limit is < 1 or > MaximumLimit)
        {
            Refuse("limit", $"limit must be a whole number from 1 to {MaximumLimit}.");
        }
        return new(
            error is not null
                ? error
                : new OccurrencesCall(ScheduleInPath.IdOf(call), from, to, (int)(limit ?? DefaultLimit))
        );

        DateTimeOffset? Time(string name)
        {
            var values = call.Query[name];
            if (values.Count == 0)
            {
                return null;
            }
            if (values.Count == 1 && RecordFilter.Time(values[0] ?? "") is { } time)
            {
                return time;
            }
            Refuse(name, $"{name} must be {RecordFilter.TimeWords}.");
            return null;
        }

        void Refuse(string name, string message) =>
            error = RequestError.Of(error, new RequestError(ErrorCode.InvalidRequest, message, name));
    }
}
