using System.Collections.Immutable;

namespace Recorder.Node.Delivery.Command;

/// <summary>The command that delivers records.</summary>
/// <param name="Path">The absolute path of the command's executable file.</param>
/// <param name="Arguments">The command's first arguments, each passed unchanged; no shell interprets them.</param>
/// <param name="TimeLimit">How long the command may take.</param>
internal sealed record DeliveryCommand(string Path, ImmutableArray<string> Arguments, TimeSpan TimeLimit);
