namespace Recorder.Http.Settings;

/// <summary>What a key may do. Each scope covers the ones before it.</summary>
public enum ApiScope
{
    /// <summary>Look: status, sessions, records.</summary>
    Read,

    /// <summary>Start and stop sessions as well.</summary>
    Record,

    /// <summary>Everything.</summary>
    Admin,
}
