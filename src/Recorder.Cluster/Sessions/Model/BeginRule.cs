using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>When the record of a page begins. Until then the browser shows the page, and nothing is recorded.</summary>
public sealed record BeginRule
{
    /// <summary>How long the page may take, unless the caller says otherwise.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long the page may stay in a lobby, unless the caller says otherwise.</summary>
    public static readonly TimeSpan DefaultLobbyTimeout = TimeSpan.FromMinutes(15);

    /// <summary>How long a page that was recorded before may take to be there again. A meeting comes only once, so the
    /// record goes on then whatever the page shows.</summary>
    public static readonly TimeSpan RejoinTime = TimeSpan.FromSeconds(15);

    /// <summary>The rule of a page that is recorded as soon as the page is shown.</summary>
    public static BeginRule AtOnce { get; } = new() { When = BeginWhen.Timeout, Timeout = TimeSpan.Zero };

    /// <summary>What begins the record.</summary>
    public BeginWhen When { get; init; }

    /// <summary>The record begins no earlier, and the timeouts count from then; null: no such time. Nothing is written
    /// for null, so that the marks of starts stay as they were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The CSS selector of <see cref="BeginWhen.Selector"/>; otherwise null.</summary>
    [AddedLater]
    public string? Selector { get; init; }

    /// <summary>The JavaScript expression or function of <see cref="BeginWhen.Script"/>; otherwise null.</summary>
    [AddedLater]
    public string? Script { get; init; }

    /// <summary>A CSS selector of what only a lobby shows; null: no selector.</summary>
    [AddedLater]
    public string? LobbySelector { get; init; }

    /// <summary>Texts of which a lobby shows one; none: no text.</summary>
    [AddedLater]
    public ImmutableList<string> LobbyTexts { get; init; } = [];

    /// <summary>How long the page may take outside the lobby.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How long the page may stay in the lobby.</summary>
    public TimeSpan LobbyTimeout { get; init; } = DefaultLobbyTimeout;

    /// <summary>What happens when <see cref="Timeout"/> has passed.</summary>
    public BeginOtherwise Otherwise { get; init; }

    /// <summary>Whether the record begins once <see cref="Timeout"/> has passed.</summary>
    [JsonIgnore]
    public bool BeginsAnyway => When == BeginWhen.Timeout || Otherwise == BeginOtherwise.Record;

    /// <summary>Whether the rule knows a lobby.</summary>
    [JsonIgnore]
    public bool KnowsLobby => LobbySelector is not null || !LobbyTexts.IsEmpty;

    /// <inheritdoc/>
    public bool Equals(BeginRule? other) =>
        other is not null
        && (When, Selector, Script, LobbySelector, Timeout, LobbyTimeout, Otherwise, NotBefore)
            == (
                other.When,
                other.Selector,
                other.Script,
                other.LobbySelector,
                other.Timeout,
                other.LobbyTimeout,
                other.Otherwise,
                other.NotBefore
            )
        && LobbyTexts.SequenceEqual(other.LobbyTexts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(When, Selector, Script, LobbySelector, Timeout);
}

/// <summary>What begins the record of a page.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<BeginWhen>))]
public enum BeginWhen
{
    /// <summary>The page is shown.</summary>
    Painted,

    /// <summary>The page says so: START_RECORDING on its console, or recorder.start().</summary>
    Signal,

    /// <summary>An element is there.</summary>
    Selector,

    /// <summary>A script of the caller answers true.</summary>
    Script,

    /// <summary>Some time has passed since the page was shown.</summary>
    Timeout,
}

/// <summary>What happens when nothing has begun the record in time.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<BeginOtherwise>))]
public enum BeginOtherwise
{
    /// <summary>The session fails.</summary>
    Fail,

    /// <summary>The record begins all the same.</summary>
    Record,
}

/// <summary>How a session waits for the beginning of its record.</summary>
/// <param name="InLobby">Whether the page shows a lobby.</param>
/// <param name="Since">Since when.</param>
public sealed record BeginWait(bool InLobby, DateTimeOffset Since)
{
    /// <summary>How long the page was outside the lobby before.</summary>
    public TimeSpan Outside { get; init; }

    /// <summary>How long the page was in the lobby before.</summary>
    public TimeSpan Inside { get; init; }

    /// <summary>The wait after the page has entered or left its lobby.</summary>
    /// <param name="inLobby">Whether the page shows a lobby now.</param>
    /// <param name="at">Since when.</param>
    /// <param name="notBefore">From when the wait counts; null: from its beginning.</param>
    public BeginWait Turn(bool inLobby, DateTimeOffset at, DateTimeOffset? notBefore = null)
    {
        if (inLobby == InLobby)
        {
            return this;
        }
        var counted = notBefore > Since ? notBefore.Value : Since;
        var spent = at > counted ? at - counted : TimeSpan.Zero;
        return new BeginWait(inLobby, at)
        {
            Outside = InLobby ? Outside : Outside + spent,
            Inside = InLobby ? Inside + spent : Inside,
        };
    }
}
