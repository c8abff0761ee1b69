namespace Recorder.Http.Settings;

/// <summary>One API key. The key itself is given by <see cref="Key"/> or read from <see cref="KeyFile"/>, not
/// both.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>The shortest key that is taken, in characters.</summary>
    public const int MinimumKeyLength = 16;

    /// <summary>Who the key belongs to; this name stands in logs, the key never does.</summary>
    public string Name { get; set; } = "";

    /// <summary>The key: at least <see cref="MinimumKeyLength"/> printable ASCII characters without spaces.</summary>
    public string? Key { get; set; }

    /// <summary>A file that holds nothing but the key; white space around it is ignored. Read once, at start.</summary>
    public string? KeyFile { get; set; }

    /// <summary>What the key may do. Default <see cref="ApiScope.Read"/>.</summary>
    public ApiScope Scope { get; set; } = ApiScope.Read;
}
