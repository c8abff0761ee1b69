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

    /// <summary>Takes away what an unfinished transfer has left at the destination, as far as that can be done. Nobody
    /// goes on with that transfer.</summary>
    /// <param name="state">The file in which the transfer kept what a later attempt needs.</param>
    /// <param name="cancellation">Ends the work.</param>
    Task AbandonAsync(string state, CancellationToken cancellation) => Task.CompletedTask;
}
