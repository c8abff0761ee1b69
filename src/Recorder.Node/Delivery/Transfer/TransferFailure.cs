namespace Recorder.Node.Delivery.Transfer;

/// <summary>A transfer failed, for a reason that a person can act on.</summary>
/// <param name="message">Sentences without secrets.</param>
/// <param name="mayPass">Whether a later attempt may succeed.</param>
/// <param name="cause">What was behind it, or null.</param>
internal sealed class TransferFailure(string message, bool mayPass, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether a later attempt may succeed.</summary>
    public bool MayPass { get; } = mayPass;
}
