namespace Recorder.Http.Settings;

/// <summary>One API key. The key itself is given by <see cref="Key"/> or read from <see cref="KeyFile"/>, but not by
/// both.</summary>
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

    /// <summary>A file that contains only the key; white space around the key is ignored. Read once, at the
    /// start.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The calls that the key may make. Default <see cref="ApiScope.Read"/>.</summary>
    public ApiScope Scope { get; set; } = ApiScope.Read;
}
