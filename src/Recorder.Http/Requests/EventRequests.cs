using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Which events of a session are asked for.</summary>
/// <param name="Id">The session.</param>
/// <param name="After">Only events with a greater number.</param>
/// <param name="Limit">At most this many.</param>
internal sealed record SessionEventsCall(SessionId Id, long After, int Limit) : IReadFromCall<SessionEventsCall>
{
    /// <summary>The labels that the session must have; otherwise the list is empty.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>The greatest <c>limit</c> that a caller may ask for.</summary>
    public const int MaximumLimit = 1_000;

    /// <summary>How many events a page has when the caller does not say.</summary>
    public const int DefaultLimit = 100;

    public static ValueTask<Parsed<SessionEventsCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var id = SessionInPath.Read(call);
        var error = id.Error;
        var after = EventQuery.Place(call.Query["after"], "after", "the seq of an event, or 0", ref error);
        var limit = EventQuery.Place(
            call.Query["limit"],
            "limit",
            $"a whole number from 1 to {MaximumLimit}",
            ref error
        );
        if (limit is < 1 or > MaximumLimit)
        {
            error = RequestError.Of(
                error,
                new RequestError(
                    ErrorCode.InvalidRequest,
                    $"limit must be a whole number from 1 to {MaximumLimit}.",
                    "limit"
                )
            );
        }
        var labels = LabelFields.ReadFilter(QueryParameters.Of(call));
        error = RequestError.Of(error, labels.Error);
        return new(
            error is not null
                ? error
                : new SessionEventsCall(id.Value, after ?? 0, (int)(limit ?? DefaultLimit)) { Labels = labels.Value }
        );
    }

    /// <summary>The address of the page after this one.</summary>
    /// <param name="path">The path of the list.</param>
    /// <param name="last">The number of the last event of this page.</param>
    public string NextPage(string path, long last) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}?{QueryParameters.Of(Labels)}limit={Limit}&after={last}");
}

/// <summary>Which events a reader of the feed wants.</summary>
/// <param name="Filter">Which events are wanted.</param>
/// <param name="After">Only events after this place; null: only events from now on.</param>
internal sealed record FeedCall(EventFilter Filter, long? After) : IReadFromCall<FeedCall>
{
    /// <summary>The header by which a reader goes on.</summary>
    public const string LastEventId = "Last-Event-ID";

    public static ValueTask<Parsed<FeedCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var read = Parse(call.Query["types"], call.Query["session"], call.Query["after"], call.Headers[LastEventId]);
        var labels = LabelFields.ReadFilter(QueryParameters.Of(call));
        return new(
            RequestError.Of(read.Error, labels.Error) is { } error
                ? error
                : read.Value with
                {
                    Filter = read.Value.Filter with { Labels = labels.Value },
                }
        );
    }

    /// <summary>Reads the query and the header. Pure.</summary>
    public static Parsed<FeedCall> Parse(
        IReadOnlyList<string?> types,
        IReadOnlyList<string?> session,
        IReadOnlyList<string?> after,
        IReadOnlyList<string?> lastEventId
    )
    {
        RequestError? error = null;
        var wanted = EventQuery.Types(
            types.SelectMany(list => (list ?? "").Split(',', StringSplitOptions.TrimEntries)),
            "types",
            ref error
        );
        var id = EventQuery.Place(session, "session", "the id of a session", ref error);
        if (id is < 1 or > int.MaxValue)
        {
            Refuse("session", "session must be the id of a session.", ref error);
        }

        // A browser repeats the address, and adds how far it came.
        var from =
            EventQuery.Place(lastEventId, LastEventId, "the id of an event of this stream", ref error)
            ?? EventQuery.Place(after, "after", "the id of an event of this stream, or 0", ref error);
        return error is not null ? error : new FeedCall(new EventFilter(wanted, (int?)id), from);
    }

    /// <summary>Where the reader begins. Pure.</summary>
    /// <param name="bounds">The bounds of the feed.</param>
    /// <returns>The place after which to begin, and whether events between are lost to the reader.</returns>
    public (long After, bool Lost) BeginIn(FeedBounds bounds) =>
        After switch
        {
            null => (bounds.Last, false),
            { } after when after > bounds.Last => (bounds.Last, true),
            0 => (0, false),
            { } after => (after, after < bounds.DeletedTo),
        };

    private static void Refuse(string name, string message, ref RequestError? error) =>
        error = RequestError.Of(error, new RequestError(ErrorCode.InvalidRequest, message, name));
}

/// <summary>Reads what several calls about events have in common.</summary>
internal static class EventQuery
{
    /// <summary>Reads a whole number of at least 0; null when the caller gave none.</summary>
    public static long? Place(IReadOnlyList<string?> values, string name, string what, ref RequestError? error)
    {
        if (values.Count == 0)
        {
            return null;
        }
        if (
            values.Count == 1
            && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        )
        {
            return value;
        }
        error = RequestError.Of(error, new RequestError(ErrorCode.InvalidRequest, $"{name} must be {what}.", name));
        return null;
    }

    /// <summary>Reads patterns of types.</summary>
    public static ImmutableList<string> Types(IEnumerable<string> given, string name, ref RequestError? error)
    {
        ImmutableList<string> types = [.. given.Where(type => type.Length > 0).Distinct()];
        if (types.Count > EventFilter.MostTypes)
        {
            error = RequestError.Of(
                error,
                new RequestError(
                    ErrorCode.InvalidRequest,
                    $"{name} has {types.Count} types; it may have at most {EventFilter.MostTypes}.",
                    name
                )
            );
        }
        else if (types.Find(type => !EventFilter.IsPattern(type)) is { } wrong)
        {
            error = RequestError.Of(
                error,
                new RequestError(
                    ErrorCode.InvalidRequest,
                    $"{name} has \"{Redaction.Line(wrong, 64)}\", which is no type of events; a type is such as record.finished, record.* or *.",
                    name
                )
            );
        }
        return types;
    }
}
