using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Events;

/// <summary>Which events a reader wants. Pure.</summary>
/// <param name="Types">Types, or beginnings of types that end in <c>.*</c>. None: every type.</param>
/// <param name="Session">Only events of this session; null: of every session, and of the farm.</param>
public sealed record EventFilter(ImmutableList<string> Types, int? Session)
{
    /// <summary>Only events of sessions with all these labels; none: of every session, and of the farm.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>Only events of sessions of this owner; null: of every session, and of the farm.</summary>
    public string? Owner { get; init; }

    /// <summary>The most patterns of one filter.</summary>
    public const int MostTypes = 32;

    /// <summary>Every event.</summary>
    public static readonly EventFilter Everything = new([], null);

    /// <summary>Whether a pattern can match: a type, a group of types such as <c>record.*</c>, or <c>*</c>.</summary>
    /// <param name="pattern">What a caller wrote.</param>
    public static bool IsPattern(string pattern) => EventType.All.Exists(type => Matches(pattern, type));

    /// <summary>Whether the reader wants an event.</summary>
    /// <param name="told">The event.</param>
    public bool Wants(FarmEvent told)
    {
        ArgumentNullException.ThrowIfNull(told);
        return (Session is null || Session == told.Session)
            && (Owner is null || (told.Session is not null && told.Owner == Owner))
            && (Types.IsEmpty || Types.Exists(pattern => Matches(pattern, told.Type)))
            && (Labels.IsEmpty || (told.Session is not null && Labels.TrueForAll(told.Labels.Contains)));
    }

    private static bool Matches(string pattern, string type) =>
        pattern == "*"
        || pattern == type
        || (
            pattern.EndsWith(".*", StringComparison.Ordinal)
            && type.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
        );
}
