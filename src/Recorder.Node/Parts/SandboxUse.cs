namespace Recorder.Node.Parts;

/// <summary>Whether browsers run in Chromium's sandbox, which keeps a page that takes its renderer over from the rest
/// of the browser's user.</summary>
internal enum SandboxUse
{
    /// <summary>In the sandbox where the host allows that; without it elsewhere, with a warning at the start.</summary>
    Preferred,

    /// <summary>In the sandbox, or the node does not start.</summary>
    Required,

    /// <summary>Without the sandbox: for trusted pages only.</summary>
    Off,
}
