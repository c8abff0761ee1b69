using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>Parameters of the queries of lists. Pure.</summary>
internal static class QueryParameters
{
    /// <summary>The parameters of a call's query.</summary>
    public static IEnumerable<KeyValuePair<string, string[]>> Of(HttpRequest call) =>
        call.Query.Select(one => KeyValuePair.Create(one.Key, one.Value.Select(value => value ?? "").ToArray()));

    /// <summary>The parameters that filter by labels, for the address of a next page. Each ends with an
    /// ampersand.</summary>
    public static string Of(ImmutableList<SessionLabel> labels) =>
        string.Concat(
            labels.Select(label => $"{LabelFields.FilterPrefix}{label.Key}={Uri.EscapeDataString(label.Value)}&")
        );

    /// <summary>A whole number that is given once; null otherwise.</summary>
    public static int? Whole(IReadOnlyList<string?> values) =>
        values.Count == 1 && int.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
