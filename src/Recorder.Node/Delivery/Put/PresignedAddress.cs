namespace Recorder.Node.Delivery.Put;

/// <summary>What an address of a PUT says about itself. Pure.</summary>
internal static class PresignedAddress
{
    /// <summary>Whether the signature of an address counts headers that nobody has named, so that no header may be
    /// added: the signatures of S3 before version 4, and those of Google in the same form.</summary>
    /// <param name="address">The address.</param>
    public static bool TakesNoHeaders(Uri address) =>
        address.Query.Contains("Signature=", StringComparison.Ordinal)
        && (
            address.Query.Contains("AWSAccessKeyId=", StringComparison.Ordinal)
            || address.Query.Contains("GoogleAccessId=", StringComparison.Ordinal)
        );

    /// <summary>What is wrong with the operator's own address, as the end of a sentence that tells nothing of the
    /// address; null when nothing is.</summary>
    /// <param name="own">The address with the place of the name.</param>
    public static string? Problem(string own) =>
        !own.Contains(PutDestination.NameHere, StringComparison.Ordinal)
            ? $"has no {PutDestination.NameHere}, so that each record would replace the one before"
        : !Uri.TryCreate(
            own.Replace(PutDestination.NameHere, "name", StringComparison.Ordinal),
            UriKind.Absolute,
            out var address
        )
        || address.Scheme is not ("http" or "https")
        || address.UserInfo.Length > 0
            ? "is no http or https address without a user"
        : null;
}
