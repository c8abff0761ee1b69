namespace Recorder.Http.Settings;

/// <summary>The calls that a key may make. Each scope includes the scopes before it.</summary>
public enum ApiScope
{
    /// <summary>Read only: status, sessions, records.</summary>
    Read,

    /// <summary>Also start and stop sessions.</summary>
    Record,

    /// <summary>Everything.</summary>
    Admin,
}
