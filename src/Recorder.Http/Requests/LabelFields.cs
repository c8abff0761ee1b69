using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>Reads the labels of a start, and the labels that a list is filtered by. Pure.</summary>
internal static class LabelFields
{
    /// <summary>What a parameter of a query begins with that filters by a label.</summary>
    public const string FilterPrefix = "label.";

    /// <summary>The form of a key, for people.</summary>
    public const string KeyForm = "1 to 63 characters of a-z, 0-9, dot, dash and underscore";

    private const int ShownLength = 80;

    /// <summary>Reads the field <see cref="StartFields.Labels"/>; no labels when the field is absent.</summary>
    /// <param name="data">The fields of the start.</param>
    public static ImmutableList<SessionLabel> Read(JsonFields data)
    {
        if (data.OptionalObject(StartFields.Labels) is not { } fields)
        {
            return [];
        }
        if (fields.Names.Count > SpecLimits.MaximumLabels)
        {
            data.Refuse(
                StartFields.Labels,
                $"{data.Path(StartFields.Labels)} has {fields.Names.Count} labels; it may have at most {SpecLimits.MaximumLabels}."
            );
            return [];
        }
        return
        [
            .. fields
                .Names.Order(StringComparer.Ordinal)
                .Select(key => Label(fields, key))
                .OfType<SessionLabel>(),
        ];
    }

    /// <summary>Reads the labels that a list is filtered by: <c>label.room=Sal</c>.</summary>
    /// <param name="query">The parameters of the query.</param>
    public static Parsed<ImmutableList<SessionLabel>> ReadFilter(IEnumerable<KeyValuePair<string, string[]>> query)
    {
        RequestError? error = null;
        var labels = ImmutableList.CreateBuilder<SessionLabel>();
        foreach (var (name, values) in query.Where(one => one.Key.StartsWith(FilterPrefix, StringComparison.Ordinal)))
        {
            var shown = Redaction.Line(name, ShownLength);
            var key = name[FilterPrefix.Length..];
            if (!SessionLabel.IsKey(key))
            {
                Refuse(shown, $"{shown} names no label; a key has {KeyForm}.");
            }
            else if (values.Length != 1)
            {
                Refuse(shown, $"{shown} is given {values.Length} times; give it once.");
            }
            else if (labels.Count == SpecLimits.MaximumLabels)
            {
                Refuse(shown, $"A list is filtered by at most {SpecLimits.MaximumLabels} labels.");
            }
            else
            {
                labels.Add(new SessionLabel(key, values[0]));
            }
        }
        labels.Sort((one, other) => string.CompareOrdinal(one.Key, other.Key));
        return error is null ? labels.ToImmutable() : error;

        void Refuse(string name, string message) =>
            error = RequestError.Of(error, new RequestError(ErrorCode.InvalidRequest, message, name));
    }

    private static SessionLabel? Label(JsonFields fields, string key)
    {
        var shown = Redaction.Line(key, ShownLength);
        if (!SessionLabel.IsKey(key))
        {
            fields.Refuse(shown, $"\"{shown}\" cannot be the key of a label; a key has {KeyForm}.");
            return null;
        }
        if (fields.Text(key, SpecLimits.MaximumLabelValueLength, required: true) is not { } value)
        {
            return null;
        }
        if (value.Any(char.IsControl))
        {
            fields.Refuse(key, $"{fields.Path(key)} holds a control character; a value is one line of text.");
            return null;
        }
        return new SessionLabel(key, value);
    }
}
