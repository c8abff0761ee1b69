using System.Globalization;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Schedules;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Which schedules <c>GET /api/schedules</c> lists.</summary>
/// <param name="Limit">Lists at most this many schedules.</param>
/// <param name="After">Lists only schedules after this one; null: from the oldest on.</param>
internal sealed record ScheduleListCall(int Limit, SchedulePlace? After) : IReadFromCall<ScheduleListCall>
{
    public const string LimitName = "limit";
    public const string AfterName = "after";

    /// <summary>The greatest <c>limit</c> that a caller may ask for.</summary>
    public const int MaximumLimit = SessionFilter.MaximumLimit;

    /// <summary>How many schedules a page has when the caller does not say.</summary>
    public const int DefaultLimit = SessionFilter.DefaultLimit;

    public static ValueTask<Parsed<ScheduleListCall>> ReadAsync(HttpRequest call, int longestBody) =>
        new(Parse(call.Query[LimitName], call.Query[AfterName]));

    /// <summary>Reads the query. Pure.</summary>
    public static Parsed<ScheduleListCall> Parse(IReadOnlyList<string?> limit, IReadOnlyList<string?> after)
    {
        RequestError? error = null;
        var most = limit.Count == 0 ? DefaultLimit : QueryParameters.Whole(limit);
        if (most is null or < 1 or > MaximumLimit)
        {
            Refuse(LimitName, $"{LimitName} must be a whole number from 1 to {MaximumLimit}.");
        }
        var place = after.Count == 1 ? Place(after[0] ?? "") : null;
        if (after.Count > 0 && place is null)
        {
            Refuse(AfterName, $"{AfterName} must be as in the Link header of the page before.");
        }
        return error is null ? new ScheduleListCall(most!.Value, place) : error;

        void Refuse(string name, string message) =>
            error = RequestError.Of(error, new RequestError(ErrorCode.InvalidRequest, message, name));
    }

    /// <summary>The address of the page after this one.</summary>
    /// <param name="path">The path of the list.</param>
    /// <param name="last">The last schedule of this page.</param>
    public string NextPage(string path, SchedulePlace last) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{path}?{LimitName}={Limit}&{AfterName}={last.Created}-{Uri.EscapeDataString(last.Id)}"
        );

    private static SchedulePlace? Place(string text)
    {
        var parts = text.Split('-', 2);
        return
            parts is [var created, { Length: > 0 and <= 64 } id]
            && long.TryParse(created, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            ? new SchedulePlace(time, id)
            : null;
    }
}
