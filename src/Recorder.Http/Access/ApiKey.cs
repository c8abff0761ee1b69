using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Http.Access;

/// <summary>A key in memory. Only the hash is kept, so that the key itself exists only where its owner keeps the
/// key.</summary>
/// <param name="Name">The name of the key.</param>
/// <param name="Scope">The calls that the key may make.</param>
/// <param name="Hash">The SHA-256 of the key.</param>
internal sealed record ApiKey(string Name, Settings.ApiScope Scope, byte[] Hash)
{
    /// <summary>Whose sessions the key starts and sees; null: sessions that nobody owns.</summary>
    public string? Owner { get; init; } = Name;

    /// <summary>The first moment at which the key is no longer good; null: the key is good for ever.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>What the key may use.</summary>
    public KeyLimits Limits { get; init; } = KeyLimits.None;

    /// <summary>Why the key is no longer good, as a sentence; null while the key is good.</summary>
    /// <param name="now">The time.</param>
    public string? WhyEnded(DateTimeOffset now) =>
        End is { } end && now >= end
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The API key of {Name} was good until {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC; ask the recorder's operator for a new key."
            )
            : null;
}

/// <summary>What a key may use. A limit of zero, and an empty list, limit nothing.</summary>
internal sealed record KeyLimits
{
    /// <summary>No limits.</summary>
    public static readonly KeyLimits None = new();

    /// <summary>The most sessions of the key's owner at once.</summary>
    public int Sessions { get; init; }

    /// <summary>The most starts a minute on one node.</summary>
    public int StartsPerMinute { get; init; }

    /// <summary>The most pixels a second of the sessions of the key's owner.</summary>
    public long PixelRate { get; init; }

    /// <summary>How long a session may last.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The labels that a start must set.</summary>
    public ImmutableList<string> Labels { get; init; } = [];
}
