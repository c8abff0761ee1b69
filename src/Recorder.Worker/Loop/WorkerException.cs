using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>A failure with one of the codes of <see cref="WorkerFailure"/>.</summary>
internal sealed class WorkerException(string code, string message) : Exception(message)
{
    /// <summary>The failure's code, one of <see cref="WorkerFailure"/>.</summary>
    public string Code { get; } = code;
}
