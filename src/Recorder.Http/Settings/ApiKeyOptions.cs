using System.Text.Json.Serialization;

namespace Recorder.Http.Settings;

/// <summary>One API key. The key itself is given by <see cref="Key"/>, <see cref="KeyFile"/> or <see cref="Sha256"/>,
/// and by one of them only.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>The shortest accepted key, in characters.</summary>
    public const int MinimumKeyLength = 16;

    /// <summary>The name of the key. This name appears in logs; the key never does.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whose sessions the key starts and sees; null: <see cref="Name"/>. Keys with the same owner see the same
    /// sessions, such as a key that records and a key for its dashboard, or the key that follows another.</summary>
    public string? Owner { get; set; }

    /// <summary>The key: at least <see cref="MinimumKeyLength"/> printable ASCII characters without spaces.</summary>
    public string? Key { get; set; }

    /// <summary>A file that contains only the key, or <c>sha256:</c> and the key's SHA-256; white space around either
    /// is ignored. The file is read again when it changes.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The SHA-256 of the key, 64 hexadecimal digits. Whoever reads the configuration then learns no
    /// key.</summary>
    public string? Sha256 { get; set; }

    /// <summary>The calls that the key may make. Default <see cref="ApiScope.Read"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ApiScope Scope { get; set; } = ApiScope.Read;

    /// <summary>Until when the key is good: a date, whose whole day in UTC still counts, or a time such as
    /// <c>2027-06-30T12:00:00Z</c>; null: for ever.</summary>
    public string? NotAfter { get; set; }

    /// <summary>The most sessions that the key's owner may have at once in the whole farm; 0: no limit.</summary>
    public int MaxSessions { get; set; }

    /// <summary>The most starts a minute that one node takes from the key; 0: no limit.</summary>
    public int StartsPerMinute { get; set; }

    /// <summary>The most pixels a second that the sessions of the key's owner may have together in the whole farm: the
    /// sum of width x height x frames a second over the sessions that record a page; 0: no limit.</summary>
    public long MaxPixelRate { get; set; }

    /// <summary>How long a session of the key may last; zero: no limit.</summary>
    public TimeSpan MaxDuration { get; set; }

    /// <summary>The labels that each start by the key must set.</summary>
    public IList<string> Labels { get; } = [];
}
