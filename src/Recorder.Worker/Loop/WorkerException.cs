using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>A failure with its code of <see cref="WorkerFailure"/>.</summary>
internal sealed class WorkerException(string code, string message) : Exception(message)
{
    /// <summary>The code.</summary>
    public string Code { get; } = code;
}
