using System.Globalization;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Audit;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Which lines <c>GET /api/audit</c> lists. Pure.</summary>
/// <param name="Question">What the database is asked.</param>
internal sealed record AuditFilter(AuditQuestion Question) : IReadFromCall<AuditFilter>
{
    /// <summary>The greatest <c>limit</c> that a caller may ask for.</summary>
    public const int MaximumLimit = 1_000;

    /// <summary>How many lines a page has when the caller does not say.</summary>
    public const int DefaultLimit = 100;

    public const string Who = "who";
    public const string Session = "session";
    public const string Action = "action";
    public const string From = "from";
    public const string To = "to";
    public const string Before = "before";

    private const int LongestWord = 200;

    public static ValueTask<Parsed<AuditFilter>> ReadAsync(HttpRequest call, int longestBody) =>
        new(Parse(QueryParameters.Of(call)));

    /// <summary>Reads the query.</summary>
    /// <param name="query">The parameters of the query.</param>
    public static Parsed<AuditFilter> Parse(IEnumerable<KeyValuePair<string, string[]>> query)
    {
        var given = query.ToDictionary(one => one.Key, one => one.Value, StringComparer.Ordinal);
        RequestError? error = null;
        var before = EventQuery.Place(Values(Before), Before, "the number of a line", ref error);
        var limit = EventQuery.Place(Values("limit"), "limit", $"a whole number from 1 to {MaximumLimit}", ref error);
        if (limit is < 1 or > MaximumLimit)
        {
            Refuse("limit", $"a whole number from 1 to {MaximumLimit}");
        }
        var session = EventQuery.Place(Values(Session), Session, "the id of a session", ref error);
        if (session is < 1 or > int.MaxValue)
        {
            Refuse(Session, "the id of a session");
        }
        var question = new AuditQuestion(before ?? long.MaxValue, (int)(limit ?? DefaultLimit))
        {
            Who = Word(Who, "the name of a key, or loopback, page or unknown"),
            Session = session is { } id and <= int.MaxValue ? new SessionId((int)id) : null,
            Action = Word(Action, "the name of a call, such as start"),
            From = Time(From),
            To = Time(To),
        };
        return error is not null ? error : new AuditFilter(question);

        string[] Values(string name) => given.GetValueOrDefault(name, []);

        string? Word(string name, string form)
        {
            var values = Values(name);
            if (values is [{ Length: > 0 and <= LongestWord } word] && !word.Any(char.IsControl))
            {
                return word;
            }
            if (values.Length > 0)
            {
                Refuse(name, form);
            }
            return null;
        }

        DateTimeOffset? Time(string name)
        {
            var values = Values(name);
            if (values is [var text] && RecordFilter.Time(text) is { } time)
            {
                return time;
            }
            if (values.Length > 0)
            {
                Refuse(name, RecordFilter.TimeWords);
            }
            return null;
        }

        void Refuse(string name, string form) =>
            error = RequestError.Of(
                error,
                new RequestError(ErrorCode.InvalidRequest, $"{name} must be {form}, given once.", name)
            );
    }

    /// <summary>The address of the page after this one.</summary>
    /// <param name="path">The path of the list.</param>
    /// <param name="last">The number of the last line of this page.</param>
    public string NextPage(string path, long last)
    {
        var who = Question.Who is { } name ? $"{Who}={Uri.EscapeDataString(name)}&" : "";
        var action = Question.Action is { } word ? $"{Action}={Uri.EscapeDataString(word)}&" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{path}?{who}{(Question.Session is { } session ? $"{Session}={session}&" : "")}{action}{RecordFilter.Bound(From, Question.From)}{RecordFilter.Bound(To, Question.To)}limit={Question.Limit}&{Before}={last}"
        );
    }
}
