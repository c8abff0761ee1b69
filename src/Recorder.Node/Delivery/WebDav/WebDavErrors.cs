using System.Net;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.WebDav;

/// <summary>What answers of WebDAV servers mean. Pure.</summary>
internal static class WebDavErrors
{
    /// <summary>The failure that an answer means.</summary>
    /// <param name="destination">The destination's name.</param>
    /// <param name="what">What was asked for, such as <c>PUT of a.mp4</c>.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="location">Where a redirect leads, or null.</param>
    public static TransferFailure Failure(string destination, string what, HttpStatusCode status, Uri? location)
    {
        var told = (int)status switch
        {
            401 =>
                $"the server refuses User and its secret (401). Set Destinations:{destination}:User and SecretFile; Nextcloud needs a password for apps.",
            403 =>
                $"the user may not do this on the server (403, {what}). Give the user the right to write, to make folders and to rename.",
            404 or 409 =>
                $"the folder of Destinations:{destination}:Endpoint is not there ({(int)status}, {what}). Make the folder, or set another address.",
            405 or 501 =>
                $"the server does not know this request ({(int)status}, {what}). Destinations:{destination}:Endpoint must be a folder that takes PUT, MKCOL and MOVE.",
            413 =>
                $"the server takes no body of this length (413, {what}). Raise the limit there, such as client_max_body_size of nginx.",
            423 => $"the file is locked on the server (423, {what}).",
            507 => $"the server has no room left (507, {what}). Free space there, or raise the user's quota.",
            >= 300 and < 400 =>
                $"the server answers with a redirect ({(int)status}{(location is { IsAbsoluteUri: true } ? $" to {location.Scheme}://{location.Authority}" : "")}). Set Destinations:{destination}:Endpoint to the address that the server wants.",
            _ => $"the server answered {(int)status} ({what}).",
        };
        return new TransferFailure($"Destination {destination}: {told}", mayPass: true);
    }
}
