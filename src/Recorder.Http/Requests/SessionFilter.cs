using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Which sessions <c>GET /api/sessions</c> lists. Pure.</summary>
/// <param name="State">Lists only sessions in this state; null: all states.</param>
/// <param name="Limit">Lists at most this many sessions.</param>
/// <param name="After">Lists only sessions with a greater id, so that a caller can continue where a page ended.</param>
internal sealed record SessionFilter(SessionPhase? State, int Limit, int After) : IReadFromCall<SessionFilter>
{
    /// <summary>Lists only sessions that have all these labels.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>The greatest <c>limit</c> that a caller may ask for.</summary>
    public const int MaximumLimit = 10_000;

    /// <summary>How many sessions a page has when the caller does not say.</summary>
    public const int DefaultLimit = 100;

    /// <summary>The states by their names.</summary>
    public static readonly ChoiceField<SessionPhase> States = new(
        "state",
        "Only sessions in this state.",
        SessionPhase.Recording
    );

    public static ValueTask<Parsed<SessionFilter>> ReadAsync(HttpRequest call, int longestBody)
    {
        var filter = Parse(call.Query["state"], call.Query["limit"], call.Query["after"]);
        var labels = LabelFields.ReadFilter(QueryParameters.Of(call));
        return new(
            RequestError.Of(filter.Error, labels.Error) is { } error ? error
            : filter.Value with { Labels = labels.Value }
        );
    }

    /// <summary>Reads the query.</summary>
    public static Parsed<SessionFilter> Parse(
        IReadOnlyList<string?> state,
        IReadOnlyList<string?> limit,
        IReadOnlyList<string?> after
    )
    {
        RequestError? error = null;
        var phase = States.TryParse(state.Count == 1 ? state[0] ?? "" : "", out var value)
            ? value
            : (SessionPhase?)null;
        if (state.Count > 0 && phase is null)
        {
            Refuse(States.Name, $"state must be one of {string.Join(", ", States.Words)}.");
        }
        var most = Whole(limit);
        if (limit.Count > 0 && most is null or < 1 or > MaximumLimit)
        {
            Refuse("limit", $"limit must be a whole number from 1 to {MaximumLimit}.");
        }
        var from = after.Count == 0 ? 0 : Whole(after);
        if (from is null)
        {
            Refuse("after", "after must be the id of a session, or 0.");
        }
        return error is null ? new SessionFilter(phase, most ?? DefaultLimit, from ?? 0) : error;

        void Refuse(string name, string message) =>
            error = RequestError.Of(error, new RequestError(ErrorCode.InvalidRequest, message, name));
    }

    /// <summary>The address of the page after this one.</summary>
    /// <param name="path">The path of the list.</param>
    /// <param name="last">The last session of this page.</param>
    public string NextPage(string path, int last) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{path}?{(State is { } state ? $"state={States.Word(state)}&" : "")}{QueryParameters.Of(Labels)}limit={Limit}&after={last}"
        );

    private static int? Whole(IReadOnlyList<string?> values) => QueryParameters.Whole(values);
}
