namespace Recorder.Node.Delivery.Transfer;

/// <summary>A kind of destination. Runs in the transfer process.</summary>
internal interface IDestination
{
    /// <summary>
    /// Brings one file to the destination and makes sure that the destination has the whole of it. A file that is
    /// already there is left alone. Returns only when the file is there.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <exception cref="TransferFailure">The file is not there, for a reason that a person can act on.</exception>
    Task SendAsync(FileToSend file, Pace pace);
}
