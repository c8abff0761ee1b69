using Recorder.Cluster.Sessions.Model;

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

    /// <summary>Whether the destination has told a sum or a copy of all that was sent, so that the content is known to
    /// be there. False: only the destination's word says so.</summary>
    bool Confirmed => true;

    /// <summary>Sends a file while the file grows, until the transfer is ended from outside.</summary>
    /// <param name="file">The file; its hash is not known yet.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="told">Told of each part that the destination has confirmed.</param>
    /// <exception cref="TransferFailure">The destination cannot be reached, or takes no growing files.</exception>
    Task FollowAsync(FileToSend file, Pace pace, TimeProvider time, Action<GrowthReport> told) =>
        throw new TransferFailure("A destination of this kind takes no record while the record grows.", mayPass: false);

    /// <summary>Makes an object of the parts of a growing file whose host is lost.</summary>
    /// <param name="parts">The confirmed parts.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <exception cref="TransferFailure">No object can be made of the parts.</exception>
    Task CompleteAsync(GrownParts parts, Pace pace) =>
        throw new TransferFailure("A destination of this kind takes no record while the record grows.", mayPass: false);

    /// <summary>Takes away what an unfinished transfer has left at the destination, as far as that can be done. Nobody
    /// goes on with that transfer.</summary>
    /// <param name="state">The file in which the transfer kept what a later attempt needs.</param>
    /// <param name="cancellation">Ends the work.</param>
    Task AbandonAsync(string state, CancellationToken cancellation) => Task.CompletedTask;
}
