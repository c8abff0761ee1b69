using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>A delivery that the path names.</summary>
/// <param name="Record">The record.</param>
/// <param name="To">The name of the destination.</param>
internal sealed record DeliveryInPath(RecordInPath Record, string To) : IReadFromCall<DeliveryInPath>
{
    public static ValueTask<Parsed<DeliveryInPath>> ReadAsync(HttpRequest call, int longestBody)
    {
        var record = RecordInPath.Parse(call.RouteValues["id"] as string ?? "");
        var to = call.RouteValues["to"] as string ?? "";
        return new(
            record.Error is { } error ? error
            : DeliveryFilter.IsName(to) ? new DeliveryInPath(record.Value, to)
            : new RequestError(
                ErrorCode.InvalidRequest,
                "to must be the name of a destination, such as archive; the record's deliveries tell their names.",
                "to"
            )
        );
    }
}

/// <summary>Where a page of deliveries ended.</summary>
/// <param name="Record">The record of the last delivery.</param>
/// <param name="To">The destination of the last delivery.</param>
internal readonly record struct DeliveryPlace(RecordId Record, string To)
{
    /// <summary>The form of a query, such as <c>7-2/archive</c>.</summary>
    public override string ToString() => $"{Record}/{To}";

    /// <summary>Reads the form of a query; null when the text has another form.</summary>
    public static DeliveryPlace? Of(string text) =>
        text.Split('/') is [var record, var to] && RecordId.TryParse(record, out var id) && DeliveryFilter.IsName(to)
            ? new DeliveryPlace(id, to)
            : null;
}

/// <summary>Which deliveries <c>GET /api/deliveries</c> lists. Pure.</summary>
/// <param name="Limit">Lists at most this many deliveries.</param>
/// <param name="After">Lists only deliveries after this one; null: from the beginning.</param>
internal sealed partial record DeliveryFilter(int Limit, DeliveryPlace? After) : IReadFromCall<DeliveryFilter>
{
    /// <summary>The greatest <c>limit</c> that a caller may ask for.</summary>
    public const int MaximumLimit = SessionFilter.MaximumLimit;

    /// <summary>How many deliveries a page has when the caller does not say.</summary>
    public const int DefaultLimit = SessionFilter.DefaultLimit;

    /// <summary>The states by their names.</summary>
    public static readonly ChoiceField<DeliveryProgress> States = new(
        "state",
        "Only deliveries in this state.",
        DeliveryProgress.Failed
    );

    /// <summary>Lists only deliveries in this state; null: all states.</summary>
    public DeliveryProgress? State { get; init; }

    /// <summary>Lists only deliveries to this destination; null: to all.</summary>
    public string? To { get; init; }

    /// <summary>Lists only deliveries of this session's records; null: of all sessions.</summary>
    public SessionId? Session { get; init; }

    public static ValueTask<Parsed<DeliveryFilter>> ReadAsync(HttpRequest call, int longestBody) =>
        new(Parse(QueryParameters.Of(call)));

    /// <summary>Whether a text has the form of a destination's name.</summary>
    public static bool IsName(string text) => Name().IsMatch(text);

    /// <summary>Reads the query.</summary>
    /// <param name="query">The parameters of the query.</param>
    public static Parsed<DeliveryFilter> Parse(IEnumerable<KeyValuePair<string, string[]>> query)
    {
        var given = query.ToDictionary(one => one.Key, one => one.Value, StringComparer.Ordinal);
        RequestError? error = null;
        var filter = new DeliveryFilter(
            Read<int>("limit", $"a whole number from 1 to {MaximumLimit}", text => Whole(text, MaximumLimit))
                ?? DefaultLimit,
            Read<DeliveryPlace>("after", "the place of a delivery, such as 7-2/archive", DeliveryPlace.Of)
        )
        {
            State = Read<DeliveryProgress>(
                States.Name,
                $"one of {string.Join(", ", States.Words)}",
                text => States.TryParse(text, out var state) ? state : null
            ),
            Session = Read<int>("session", "the id of a session", text => Whole(text, int.MaxValue)) is { } session
                ? new SessionId(session)
                : null,
            To = ReadName(),
        };
        return error is { } refused ? refused : filter;

        string? ReadName()
        {
            if (!given.TryGetValue("to", out var values))
            {
                return null;
            }
            if (values is [var to] && IsName(to))
            {
                return to;
            }
            Refuse("to", "the name of a destination");
            return null;
        }

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
                Refuse(name, form);
            }
            return value;
        }

        void Refuse(string name, string form) =>
            error = RequestError.Of(
                error,
                new RequestError(ErrorCode.InvalidRequest, $"{name} must be {form}, given once.", name)
            );
    }

    /// <summary>The address of the page after one that ends with a delivery.</summary>
    /// <param name="path">The path of the call.</param>
    /// <param name="last">The last delivery of the page.</param>
    public string NextPage(string path, DeliveryPlace last) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{path}?{(Session is { } session ? $"session={session}&" : "")}{(State is { } state ? $"state={States.Word(state)}&" : "")}{(To is { } to ? $"to={to}&" : "")}limit={Limit}&after={last}"
        );

    private static int? Whole(string text, int most) =>
        QueryParameters.Whole([text]) is { } value && value >= 1 && value <= most ? value : null;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
