using System.Runtime.Versioning;

// Displays, sandboxes, parent-death signals: the recorder runs on Linux.
[assembly: SupportedOSPlatform("linux")]
