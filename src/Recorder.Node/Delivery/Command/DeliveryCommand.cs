using System.Collections.Immutable;

namespace Recorder.Node.Delivery.Command;

/// <summary>The command that delivers records.</summary>
/// <param name="Path">The absolute path of its executable file.</param>
/// <param name="Arguments">Its first arguments, each passed as it is; no shell reads them.</param>
/// <param name="TimeLimit">How long it may take.</param>
internal sealed record DeliveryCommand(string Path, ImmutableArray<string> Arguments, TimeSpan TimeLimit);
