namespace Recorder.Node.Parts;

/// <summary>Whether browsers run in Chromium's sandbox. When a page takes over its renderer, the sandbox keeps the page
/// from everything else that belongs to the browser's user.</summary>
internal enum SandboxUse
{
    /// <summary>The sandbox is used where the host allows the sandbox. Elsewhere browsers run without the sandbox, with
    /// a warning at the start.</summary>
    Preferred,

    /// <summary>The sandbox is used, or the node does not start.</summary>
    Required,

    /// <summary>The sandbox is not used: for trusted pages only.</summary>
    Off,
}
